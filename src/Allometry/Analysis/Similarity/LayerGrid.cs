using Allometry.Kinds;

namespace Allometry.Analysis.Similarity;

/// <summary>CKA of each layer of one model with each of another, [first, second].</summary>
public sealed record LayerGrid(IReadOnlyList<string> First, IReadOnlyList<string> Second, IReadOnlyList<IReadOnlyList<Cka>> Values, long Examples)
{
    private const int Block = 1024;

    /// <summary>Examples go through in blocks; what is kept grows with layers and widths alone, unless there are so few examples that keeping them all is less.</summary>
    public static LayerGrid Of(IReadOnlyList<Layer> first, IReadOnlyList<Layer> second)
    {
        if (first.Count == 0 || second.Count == 0) throw new InputException("similarity", "there are no states to compare", "give matrices, or traces with hidden states");
        foreach (var layer in first.Concat(second)) LinearCka.Check(first[0].Count, layer.Count);
        var values = first[0].Count <= first.Concat(second).Max(layer => layer.Width) ? Whole(first, second) : Streamed(first, second);
        return new([.. first.Select(layer => layer.Name)], [.. second.Select(layer => layer.Name)], values, first[0].Count);
    }

    /// <summary>The layer of the second model that stands as deep as layer i of the first does, by the fraction of the depth.</summary>
    public int Beside(int i) => First.Count == 1 ? Second.Count - 1 : (int)Math.Round((double)i * (Second.Count - 1) / (First.Count - 1), MidpointRounding.AwayFromZero);

    private static List<IReadOnlyList<Cka>> Whole(IReadOnlyList<Layer> first, IReadOnlyList<Layer> second)
    {
        List<Features> others = [.. second.Select(layer => layer.Read())];
        return [.. first.Select(layer => layer.Read()).Select(features => (IReadOnlyList<Cka>)[.. others.Select(other => LinearCka.Of(features, other))])];
    }

    private static List<IReadOnlyList<Cka>> Streamed(IReadOnlyList<Layer> first, IReadOnlyList<Layer> second)
    {
        var ofSecond = second.Select(layer => Together(layer, [layer])[0]).ToList();
        return [.. first.Select(layer =>
        {
            var all = Together(layer, [layer, .. second]);
            return (IReadOnlyList<Cka>)[.. ofSecond.Select((other, j) => Cka.Of(all[j + 1], all[0], other))];
        })];
    }

    /// <summary>HSIC of a layer with each of others, in one pass.</summary>
    private static List<Hsic> Together(Layer layer, IReadOnlyList<Layer> others)
    {
        List<CrossMoments> moments = [.. others.Select(other => new CrossMoments(layer.Width, other.Width))];
        List<IEnumerator<double[]>> blocks = [.. others.Select(other => other.Blocks(Block).GetEnumerator())];
        foreach (var block in layer.Blocks(Block))
            for (var j = 0; j < others.Count; j++)
            {
                blocks[j].MoveNext();
                moments[j].Add(block, blocks[j].Current);
            }
        return [.. moments.Select(pair => pair.Value())];
    }
}
