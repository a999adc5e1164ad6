using Allometry.Kinds;

namespace Allometry.Models;

/// <summary>The released checkpoints' sizes as data: <c>sizes.yaml</c>.</summary>
internal sealed record SizeTable(
    IReadOnlyDictionary<string, Shape> Sizes,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Released,
    IReadOnlyDictionary<string, string> Misnamed,
    IReadOnlyDictionary<string, string> Unresolved)
{
    private static readonly Lazy<SizeTable> Loaded = new(Load);

    public static SizeTable Instance => Loaded.Value;

    private static SizeTable Load()
    {
        const string name = "Models/sizes.yaml";
        using var reader = new StreamReader(typeof(SizeTable).Assembly.GetManifestResourceStream(name)!);
        return Reader.Read<SizeTable>(reader.ReadToEnd(), name);
    }
}
