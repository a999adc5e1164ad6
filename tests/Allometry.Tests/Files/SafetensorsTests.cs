using System.Buffers.Binary;
using System.Text;
using Allometry.Files;
using Allometry.Kinds;
using CsCheck;
using static TorchSharp.torch;

namespace Allometry.Tests.Files;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("allometry-tests-").FullName;
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    private string Path => System.IO.Path.Combine(folder, "x.safetensors");

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_type_comes_back_with_its_shape_and_bits()
    {
        var halves = tensor(new float[,] { { 1.5f, -0f, float.NaN }, { 65504, 6e-8f, 3 } });
        (string, Tensor)[] tensors =
        [
            ("f64", halves.to(float64)), ("f32", halves), ("f16", halves.to(float16)), ("bf16", halves.to(bfloat16)),
            ("i64", tensor(new[] { long.MinValue, 1 })), ("i32", tensor(new[] { -7 })), ("i16", tensor(new short[] { -300 })), ("i8", tensor(new sbyte[] { -1, 2 })),
            ("u8", tensor(new byte[] { 0, 255, 7 })), ("bool", tensor(new[] { true, false, true })), ("scalar", tensor(3.25)), ("empty", zeros(0, 4)),
        ];
        Safetensors.Write(Path, tensors);

        var back = Safetensors.Read(Path);
        Assert.Equal(tensors.Length, back.Count);
        foreach (var (name, expected) in tensors)
        {
            Assert.Equal(expected.dtype, back[name].dtype);
            Assert.Equal(expected.shape, back[name].shape);
            Assert.Equal(expected.bytes.ToArray(), back[name].bytes.ToArray());
        }
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        Safetensors.Write(Path, [("b", tensor(new[] { 1f, 2f })), ("a", tensor(new byte[] { 9 }))], new Dictionary<string, string> { ["k"] = "ü" });
        const string header = """{"__metadata__":{"k":"ü"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}""";
        var bytes = File.ReadAllBytes(Path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        Assert.Equal(header, Encoding.UTF8.GetString(bytes.AsSpan(8, length)).TrimEnd(' '));
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 9], bytes[(8 + length)..]);
    }

    [Fact]
    public void Equal_tensors_give_equal_bytes_in_whatever_order_they_come()
    {
        (string, Tensor)[] tensors = [("x", ones(3)), ("y", zeros(2, 2)), ("z", arange(5))];
        Safetensors.Write(Path, tensors);
        var first = File.ReadAllBytes(Path);
        Safetensors.Write(Path, tensors.Reverse());
        Assert.Equal(first, File.ReadAllBytes(Path));
    }

    [Fact]
    public void A_view_is_written_as_what_it_shows()
    {
        var columns = arange(6).view(2, 3).t();
        Safetensors.Write(Path, [("t", columns)]);
        Assert.Equal([0L, 3, 1, 4, 2, 5], Safetensors.Read(Path)["t"].data<long>().ToArray());
    }

    [Fact]
    public void A_parameter_is_overwritten_in_place()
    {
        Safetensors.Write(Path, [("w", full(2, 3, 7f))]);
        var parameter = new TorchSharp.Modules.Parameter(zeros(2, 3));
        using var file = SafetensorsFile.Open(Path);
        file.ReadInto("w", parameter);
        Assert.Equal(42, parameter.sum().item<float>());
        Assert.Throws<ArgumentException>(() => file.ReadInto("w", zeros(3, 2)));
        Assert.Throws<ArgumentException>(() => file.ReadInto("w", zeros(2, 3, dtype: float64)));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[2],"data_offsets":[10,12]}}""", 12, "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "does not fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,0]}}""", 0, "does not fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "no valid shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "does not fit")]
    [InlineData("""{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", 8, "type other than")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "cut short")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "belong to none")]
    [InlineData("""{"a":7}""", 0, "not the JSON")]
    [InlineData("""[1]""", 0, "not the JSON")]
    [InlineData("""{"a":{"dt""", 0, "not the JSON")]
    public void A_wrong_header_is_told(string header, int dataBytes, string expected)
    {
        File.WriteAllBytes(Path, [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]);
        var problem = Assert.Single(Assert.Throws<InputException>(() => Safetensors.Read(Path)).Problems);
        Assert.Equal(Path, problem.Where);
        Assert.Contains(expected, problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_and_so_is_none()
    {
        Safetensors.Write(Path, [("a", ones(5)), ("b", ones(3, dtype: uint8))]);
        var whole = File.ReadAllBytes(Path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Path, whole[..length]);
            Assert.Throws<InputException>(() => Safetensors.Read(Path));
        }
        Assert.Throws<InputException>(() => Safetensors.Read(folder));
        Assert.Throws<InputException>(() => Safetensors.Read(Path + ".missing"));
    }

    [Fact]
    public void Any_change_of_one_byte_is_refused_or_read_never_worse()
    {
        Safetensors.Write(Path, [("a", ones(5)), ("b", ones(3, dtype: uint8))]);
        var whole = File.ReadAllBytes(Path);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            byte[] changed = [.. whole];
            changed[at] = value;
            File.WriteAllBytes(Path, changed);
            try
            {
                foreach (var read in Safetensors.Read(Path).Values) read.Dispose();
            }
            catch (InputException)
            {
                // told
            }
        }, iter: 500, threads: 1);
    }
}
