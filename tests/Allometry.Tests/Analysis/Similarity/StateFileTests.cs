using System.Text;
using Allometry.Analysis.Similarity;
using Allometry.Files;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Tests.Analysis.Similarity;

public sealed class StateFileTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly string folder = Directory.CreateTempSubdirectory("allometry-tests-").FullName;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory, InlineData(Pooling.Mean), InlineData(Pooling.First), InlineData(Pooling.Last), InlineData(Pooling.Tokens)]
    public void Pooling_looks_at_real_tokens_alone(Pooling pooling)
    {
        var states = randn(3, 4, 5);
        var mask = tensor(new long[,] { { 1, 1, 1, 1 }, { 1, 1, 0, 0 }, { 0, 0, 1, 1 } });
        var path = Write("trace.safetensors", ("hidden.1", states), ("hidden.0", states * 2), ("logits", randn(3, 4, 7)));
        var inputs = Write("inputs.safetensors", ("attention_mask", mask));
        using var file = StateFile.Open(path, pooling, mask: inputs);
        Assert.Equal(["hidden.0", "hidden.1"], file.Layers.Select(layer => layer.Name));
        var real = mask.to(@bool);
        var expected = pooling switch
        {
            Pooling.Mean => (states * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim: true),
            Pooling.First => stack([states[0, 0], states[1, 0], states[2, 2]]),
            Pooling.Last => stack([states[0, 3], states[1, 1], states[2, 3]]),
            _ => states[real],
        };
        Same(expected, file.Layers[1]);
    }

    [Fact]
    public void Blocks_cut_examples_where_they_may()
    {
        var path = Write("m.safetensors", ("x", randn(10, 3)));
        using var file = StateFile.Open(path, Pooling.Mean);
        Assert.Equal([12, 12, 6], file.Layers[0].Blocks(4).Select(block => block.Length));
    }

    [Fact]
    public void Of_two_stacks_one_is_read_and_of_any_type()
    {
        var path = Write("t5.safetensors", ("encoder_hidden.0", randn(2, 3, 4).to(bfloat16)), ("decoder_hidden.0", randn(2, 2, 4)), ("decoder_hidden.1", randn(2, 2, 4).to(float64)));
        using var encoder = StateFile.Open(path, Pooling.Mean);
        using var decoder = StateFile.Open(path, Pooling.Mean, "decoder");
        Assert.Equal((1, 2), (encoder.Layers.Count, decoder.Layers.Count));
        Assert.Equal(2, decoder.Layers[1].Read().Count);
    }

    [Fact]
    public void Tables_and_numpy_arrays_are_matrices()
    {
        File.WriteAllText(At("a.csv"), "x,y\n1,2\n3.5,-4e-1\n");
        using var table = StateFile.Open(At("a.csv"), Pooling.Mean);
        Assert.Equal([1, 2, 3.5, -0.4], table.Layers[0].Read().Rows(0, 2).ToArray());
        var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }".PadRight(117) + "\n";
        File.WriteAllBytes(At("a.npy"), [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. new[] { 1, 2, 3.5, -0.4 }.SelectMany(BitConverter.GetBytes)]);
        using var array = StateFile.Open(At("a.npy"), Pooling.Mean);
        Assert.Equal([1, 2, 3.5, -0.4], array.Layers[0].Read().Rows(0, 2).ToArray());
    }

    [Fact]
    public void What_is_no_matrix_is_told()
    {
        File.WriteAllText(At("a.csv"), "1,2\n3\n4,NaN\n");
        Assert.Equal(2, Assert.Throws<InputException>(() => StateFile.Open(At("a.csv"), Pooling.Mean)).Problems.Count);
        File.WriteAllText(At("b.npy"), "no array at all");
        Assert.Contains("NumPy", Assert.Throws<InputException>(() => StateFile.Open(At("b.npy"), Pooling.Mean)).Message, StringComparison.Ordinal);
        Assert.Contains("no states", Assert.Throws<InputException>(() => StateFile.Open(Write("c.safetensors", ("ids", ones(2, 2, dtype: int64))), Pooling.Mean)).Message, StringComparison.Ordinal);
        using var infinite = StateFile.Open(Write("d.safetensors", ("x", full([2, 2], float.PositiveInfinity))), Pooling.Mean);
        Assert.Contains("none in row 0", Assert.Throws<InputException>(() => infinite.Layers[0].Read()).Message, StringComparison.Ordinal);
        Assert.Contains("'attention_mask' is [1, 2]", Assert.Throws<InputException>(() => StateFile.Open(Write("e.safetensors", ("hidden.0", randn(2, 3, 4))), Pooling.Mean, mask: Write("f.safetensors", ("attention_mask", ones(1, 2))))).Message, StringComparison.Ordinal);
    }

    private static void Same(Tensor expected, Layer layer)
    {
        var features = layer.Read();
        Assert.Equal(expected.size(0), layer.Count);
        foreach (var (wanted, found) in expected.to(float64).flatten().data<double>().ToArray().Zip(features.Rows(0, features.Count).ToArray())) Assert.Equal(wanted, found, 1e-6);
    }

    private string At(string name) => Path.Combine(folder, name);

    private string Write(string name, params (string, Tensor)[] tensors)
    {
        Safetensors.Write(At(name), tensors);
        return At(name);
    }
}
