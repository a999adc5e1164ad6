using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>Ways to write a number as an ordered sum of positive parts.</summary>
public static class Composition
{
    /// <summary>One composition of <paramref name="total"/> into <paramref name="parts"/>, every one equally likely: cuts are drawn among the total - 1 places between items.</summary>
    public static int[] Random(int total, int parts, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parts);
        ArgumentOutOfRangeException.ThrowIfLessThan(total, parts);
        var lengths = new int[parts];
        var (part, cuts) = (0, parts - 1);
        for (var item = 1; item <= total; item++)
        {
            lengths[part]++;
            if (cuts > 0 && random.Below(total - item) < cuts) (part, cuts) = (part + 1, cuts - 1); // selection sampling (Knuth, algorithm S)
        }

        return lengths;
    }
}
