namespace Allometry.Generation;

/// <summary>The highest of many scores and what has them, so many as asked for; among equals what was offered first.</summary>
internal sealed class Highest<T>(int count)
{
    // The lowest on top, among equals what was offered last.
    private readonly PriorityQueue<T, (double Score, int Order)> kept = new();
    private int offered;

    /// <summary>A score must be above this to be kept: the lowest of those kept, once there are enough.</summary>
    public double Floor { get; private set; } = double.NegativeInfinity;

    public void Offer(double score, T item)
    {
        if (!(score > Floor)) return;
        kept.Enqueue(item, (score, -offered++));
        if (kept.Count > count) kept.Dequeue();
        if (kept.Count == count && kept.TryPeek(out _, out var lowest)) Floor = lowest.Score;
    }

    /// <summary>The highest first.</summary>
    public IEnumerable<T> Ordered => kept.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element);
}
