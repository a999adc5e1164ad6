using Allometry.Text;
using static TorchSharp.torch;

namespace Allometry.Papers.Ligo;

/// <summary>Where the operator begins: the released code's stackbert_noisy (or without noise) for depth, its rand or sel for width.</summary>
internal sealed record LigoStart(LigoGrowth Choice, long Seed)
{
    private const double Noise = 0.03; // the released code's

    /// <summary>[new, old]: every old one in its place, and in the others means of old ones or single ones; of a gate the same as of the input that it is multiplied with.</summary>
    public Tensor Width(LigoMatrix matrix, int layer)
    {
        var random = RandomStream.For(Seed, $"ligo/{matrix.Name.Replace("-gate", "-input", StringComparison.Ordinal)}", layer);
        var values = new double[matrix.New, matrix.Old];
        var places = Enumerable.Range(0, (int)matrix.Old).ToDictionary(old => matrix.Place(old));
        for (var i = 0; i < matrix.New; i++)
            if (places.TryGetValue(i, out var old)) values[i, old] = 1;
            else if (Choice.Width == LigoWidth.Selected) values[i, random.Below(matrix.Old)] = 1;
            else Set(values, i, Shares([.. Enumerable.Range(0, (int)matrix.Old).Select(_ => random.Uniform())]));
        return tensor(values, float64, CPU);
    }

    /// <summary>[new, old]: mostly the layer of a copy, a little of the others.</summary>
    public Tensor Depth(LigoModule module)
    {
        var random = RandomStream.For(Seed, $"ligo/{module.Name}");
        var values = new double[module.Large.Count, module.Small.Count];
        foreach (var (layer, source) in Choice.Depth.Layers(module.Small.Count, module.Large.Count).Index())
            Set(values, layer, Shares([.. Enumerable.Range(0, module.Small.Count).Select(old => old == source ? 1 : Choice.Noisy ? Noise * random.Uniform() : 0)]));
        return tensor(values, float64, CPU);
    }

    private static double[] Shares(double[] parts) => [.. parts.Select(part => part / parts.Sum())];

    private static void Set(double[,] values, int row, double[] to)
    {
        for (var column = 0; column < to.Length; column++) values[row, column] = to[column];
    }
}
