namespace Allometry.Costs;

/// <summary>One parameter tensor by our name; <paramref name="Active"/> is the share of it that one token uses (1 except for experts).</summary>
public sealed record Weight(string Name, IReadOnlyList<long> Shape, bool Embedding = false, double Active = 1)
{
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));
}
