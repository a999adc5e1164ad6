using Allometry.Text;

namespace Allometry.Tasks.Mixtures;

/// <summary>
/// An endless sequence of tasks, each drawn independently of the others with given probabilities. A function of (seed, index) alone: what is asked for
/// later is counted up to once, in blocks. Safe for several threads.
/// </summary>
internal sealed class Draws(IReadOnlyList<double> probabilities, long seed)
{
    private const int BlockLength = 4096;

    private readonly Lock gate = new();
    private readonly List<long[]> before = [new long[probabilities.Count]]; // [block][task]: draws of the task in earlier blocks
    private (long Block, (int Task, long Nth)[] Draws) current = (-1, []);

    /// <summary>The task of a draw, and how many draws of that task came before it.</summary>
    public (int Task, long Nth) At(long index)
    {
        var (block, place) = Math.DivRem(index, BlockLength);
        lock (gate)
        {
            while (before.Count <= block) Draw(before.Count - 1);
            if (current.Block != block) Draw(block);
            return current.Draws[place];
        }
    }

    private void Draw(long block)
    {
        var counts = before[(int)block].ToArray();
        var random = RandomStream.For(seed, "mixture", block);
        var draws = new (int, long)[BlockLength];
        for (var i = 0; i < BlockLength; i++)
        {
            var task = Task(random.Uniform());
            draws[i] = (task, counts[task]++);
        }

        current = (block, draws);
        if (before.Count == block + 1) before.Add(counts);
    }

    private int Task(double point)
    {
        var last = 0;
        for (var task = 0; task < probabilities.Count; task++)
        {
            if (probabilities[task] == 0) continue;
            if (point < probabilities[task]) return task;
            point -= probabilities[task];
            last = task;
        }

        return last; // the probabilities add up to one within rounding
    }
}
