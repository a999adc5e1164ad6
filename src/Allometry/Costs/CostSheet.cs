namespace Allometry.Costs;

/// <summary>Costs by path in the tree of a model; every figure is that of the piece with all its children.</summary>
public sealed record CostSheet(string Name, Cost Own, IReadOnlyList<CostSheet> Children)
{
    public CostSheet(string name, Cost own) : this(name, own, [])
    {
    }

    public long Parameters => Weights.Sum(weight => weight.Count);

    public long EmbeddingParameters => Weights.Where(weight => weight.Embedding).Sum(weight => weight.Count);

    public long NonEmbeddingParameters => Parameters - EmbeddingParameters;

    /// <summary>Parameters that one token uses.</summary>
    public long ActiveParameters => (long)Math.Round(Weights.Sum(weight => weight.Count * weight.Active));

    public double ForwardFlops => Sum(cost => cost.ForwardFlops);

    public double RecomputedFlops => Sum(cost => cost.RecomputedFlops);

    /// <summary>Forward and backward; the backward pass is twice the forward, and what is recomputed.</summary>
    public double TrainingFlops => (3 * ForwardFlops) + RecomputedFlops;

    public double DecodeFlops => Sum(cost => cost.DecodeFlops);

    public double ActivationBytes => Sum(cost => cost.ActivationBytes);

    /// <summary>Why pieces make no sense in texts of these lengths, each once in the stack that it is told of.</summary>
    public IEnumerable<Misfit> Misfits => Walk().SelectMany(piece => piece.Sheet.Own.Misfits.Select(misfit => misfit with { What = $"{piece.Path.Split('.')[0]}: {misfit.What}" })).Distinct();

    /// <summary>All weights in the order of the tree, named by their path below this piece.</summary>
    public IEnumerable<Weight> Weights =>
        Own.Weights.Concat(Children.SelectMany(child => child.Weights.Select(weight => weight with { Name = $"{child.Name}.{weight.Name}" })));

    /// <summary>The piece at a path such as <c>encoder.layers.0</c>, or null where there is none.</summary>
    public CostSheet? At(string path)
    {
        if (path.Length == 0)
            return this;
        return Children.Where(child => path == child.Name || path.StartsWith(child.Name + ".", StringComparison.Ordinal))
            .Select(child => child.At(path.Length == child.Name.Length ? "" : path[(child.Name.Length + 1)..]))
            .FirstOrDefault(found => found is not null);
    }

    /// <summary>This piece and all below it, depth first, each with its path (empty for this one).</summary>
    public IEnumerable<(string Path, CostSheet Sheet)> Walk() =>
        Children.SelectMany(child => child.Walk().Select(below => (below.Path.Length == 0 ? child.Name : $"{child.Name}.{below.Path}", below.Sheet)))
            .Prepend(("", this));

    /// <summary>The same tree with every piece's own cost replaced.</summary>
    public CostSheet Select(Func<Cost, Cost> change) =>
        this with { Own = change(Own), Children = [.. Children.Select(child => child.Select(change))] };

    private double Sum(Func<Cost, double> figure) => figure(Own) + Children.Sum(child => child.Sum(figure));
}
