using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Analysis.Similarity;

/// <summary>
/// A file with features to compare: a trace or matrices (safetensors), a NumPy array (.npy), or a table of numbers (.csv, .tsv, .txt). Needs no libtorch.
/// Of a trace the hidden states are the layers; of any other safetensors file every floating tensor [example, feature] or [text, token, feature].
/// </summary>
public sealed partial class StateFile : IDisposable
{
    private readonly SafetensorsFile? file;

    private StateFile(SafetensorsFile? file, IReadOnlyList<Layer> layers) => (this.file, Layers) = (file, layers);

    /// <summary>In the order of depth.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Which tokens are real is told by <c>attention_mask</c> of the file itself or of <paramref name="mask"/>; without one all are. Of a model with two stacks <paramref name="stack"/> is read.</summary>
    public static StateFile Open(string path, Pooling pooling, string stack = "encoder", string? mask = null)
    {
        if (Path.GetExtension(path) is not ".safetensors") return new(null, [new KnownLayer(Path.GetFileNameWithoutExtension(path), Path.GetExtension(path) == ".npy" ? Array(path) : Table(path))]);
        var file = SafetensorsFile.Open(path);
        try
        {
            using var beside = mask is null ? null : SafetensorsFile.Open(mask);
            if (beside is not null && !beside.Entries.ContainsKey(Mask)) throw new InputException(mask!, $"has no tensor '{Mask}'", "give the file of the inputs that were traced");
            var chosen = Chosen(file, stack);
            return new(file, [.. chosen.Select(entry => new TensorLayer(file, entry, Real(beside ?? file, stack, entry), pooling))]);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => file?.Dispose();

    private const string Mask = "attention_mask";

    private static List<SafetensorsEntry> Chosen(SafetensorsFile file, string stack)
    {
        var hidden = file.Entries.Values.Select(entry => (Entry: entry, Match: Hidden().Match(entry.Name))).Where(entry => entry.Match.Success).ToList();
        var twoStacks = hidden.Any(entry => entry.Match.Groups["stack"].Length > 0);
        List<SafetensorsEntry> chosen = hidden.Count > 0
            ? [.. hidden.Where(entry => !twoStacks || entry.Match.Groups["stack"].Value == $"{stack}_").OrderBy(entry => int.Parse(entry.Match.Groups["layer"].Value, CultureInfo.InvariantCulture)).Select(entry => entry.Entry)]
            : [.. file.Entries.Values.Where(entry => entry.Shape.Count is 2 or 3 && TensorLayer.Reads(entry.Type)).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        return chosen.Count > 0 ? chosen : throw new InputException(file.Path, "holds no states: no tensor hidden.i, and none of floating numbers [example, feature]", "give a trace (allometry trace), or matrices");
    }

    private static bool[]? Real(SafetensorsFile file, string stack, SafetensorsEntry entry)
    {
        if (entry.Shape.Count != 3 || !file.Entries.TryGetValue(Mask, out var mask) || entry.Name.StartsWith("decoder_", StringComparison.Ordinal) || stack == "decoder") return null;
        if (!mask.Shape.SequenceEqual(entry.Shape.Take(2))) throw new InputException(file.Path, $"'{Mask}' is [{string.Join(", ", mask.Shape)}] for states of [{string.Join(", ", entry.Shape)}]", "give the mask of the inputs that were traced");
        var size = (int)(mask.Bytes / mask.Shape.Aggregate(1L, (product, length) => product * length));
        var bytes = file.Stretch(mask, 0, (int)mask.Bytes).ToArray();
        return [.. bytes.Chunk(size).Select(element => element.Any(part => part != 0))];
    }

    private static Features Table(string path)
    {
        var lines = Reader.Text(path).Split('\n').Select((line, i) => (Cells: line.Split([',', '\t', ';', ' ', '\r'], StringSplitOptions.RemoveEmptyEntries), Line: i + 1)).Where(line => line.Cells.Length > 0).ToList();
        if (lines.Count > 0 && lines[0].Cells.Any(cell => !Number(cell, out _))) lines.RemoveAt(0); // names of columns
        List<Problem> problems = [.. lines.Where(line => line.Cells.Length != lines[0].Cells.Length).Select(line => new Problem($"{path}:{line.Line}", $"has {line.Cells.Length} numbers, the first row {lines[0].Cells.Length}", "give every example the same features")),
            .. lines.SelectMany(line => line.Cells.Where(cell => !Number(cell, out _)).Select(cell => new Problem($"{path}:{line.Line}", $"'{cell}' is no finite number", "give numbers")))];
        if (lines.Count == 0) problems.Add(new(path, "holds no numbers", "give a row of numbers for each example"));
        if (problems.Count > 0) throw new InputException(problems);
        return Features.Of([.. lines.Select(line => (IReadOnlyList<double>)[.. line.Cells.Select(cell => Number(cell, out var value) ? value : 0)])]);
    }

    private static bool Number(string cell, out double value) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    // Version 1.0 and 2.0 of the format: magic, version, length of the header, a Python literal, the numbers (numpy.lib.format).
    private static Features Array(string path)
    {
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : throw new InputException(path, "there is no such file", "give the path of a NumPy array");
        var isOne = bytes.Length > 12 && bytes[0] == 0x93 && bytes.AsSpan(1, 5).SequenceEqual("NUMPY"u8);
        var match = NumpyHeader().Match(isOne ? Encoding.ASCII.GetString(bytes, 0, Math.Min(bytes.Length, 512)) : "");
        if (!match.Success) throw new InputException(path, "is no NumPy array of little-endian float32 or float64 [example, feature]", "save it with numpy.save, C order");
        var (rows, columns, size) = (int.Parse(match.Groups["rows"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["columns"].Value, CultureInfo.InvariantCulture), match.Groups["size"].Value == "8" ? 8 : 4);
        var start = bytes[6] == 1 ? 10 + BitConverter.ToUInt16(bytes, 8) : 12 + BitConverter.ToInt32(bytes, 8);
        if (bytes.Length != start + ((long)rows * columns * size)) throw new InputException(path, "is cut short", "save it again");
        return new(rows, columns, [.. Enumerable.Range(0, rows * columns).Select(i => size == 8 ? BitConverter.ToDouble(bytes, start + (8 * i)) : BitConverter.ToSingle(bytes, start + (4 * i)))]);
    }

    [GeneratedRegex(@"^(?<stack>encoder_|decoder_)?hidden\.(?<layer>\d+)$")]
    private static partial Regex Hidden();

    [GeneratedRegex(@"'descr': '<f(?<size>4|8)', 'fortran_order': False, 'shape': \((?<rows>\d+), (?<columns>\d+)\)")]
    private static partial Regex NumpyHeader();
}
