namespace Allometry.Ranks;

/// <summary>
/// The processes that compute one run together, seen from one of them (its rank counts from 0). All of them make the same calls in the same order, and what a call gives is the same on each to the last bit.
/// A process by itself is <see cref="Alone"/>, for whom every call does nothing.
/// </summary>
public abstract unsafe class Peers : IDisposable
{
    /// <summary>A process that computes by itself.</summary>
    public static Peers Alone { get; } = new Alone();

    public abstract int Rank { get; }

    public abstract int Count { get; }

    /// <summary>Whether this is the one that writes down what all have computed.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Adds up in place, number by number.</summary>
    public abstract void Sum(Span<double> values);

    public double Sum(double value)
    {
        Span<double> one = [value];
        Sum(one);
        return one[0];
    }

    /// <summary>Whether any of them says so.</summary>
    public bool Any(bool said) => Sum(said ? 1 : 0) > 0;

    /// <summary>Begins to add up in place; nobody may touch the floats before the sum has been waited for. Sums are begun in the same order everywhere, and are apart from all other calls.</summary>
    public abstract Pending BeginSum(float* values, int count);

    /// <summary>To each peer so many of the floats, and from each so many, in the order of the ranks.</summary>
    public abstract void Exchange(ReadOnlySpan<float> given, ReadOnlySpan<int> toEach, Span<float> received, ReadOnlySpan<int> fromEach);

    /// <summary>To each peer as many numbers as to any other, and from each the same.</summary>
    public abstract void Exchange(ReadOnlySpan<int> given, Span<int> received);

    /// <summary>What the first says; the others wait without taking a core's time.</summary>
    public abstract string Tell(string? word);

    /// <summary>Waits until all have come here.</summary>
    public void Meet() => Sum(0);

    /// <summary>The items that are this one's, dealt out in turn.</summary>
    public IReadOnlyList<T> Share<T>(IReadOnlyList<T> items) => Count == 1 ? items : [.. items.Where((_, i) => i % Count == Rank)];

    /// <summary>Takes leave when all has been done; all have to. A process that ends otherwise takes the others with it.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A sum that is being made.</summary>
public abstract class Pending
{
    /// <summary>Lets it move on; some libraries work only while they are called.</summary>
    public abstract void Advance();

    public abstract void Wait();
}
