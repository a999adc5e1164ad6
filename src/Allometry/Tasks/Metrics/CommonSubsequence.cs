namespace Allometry.Tasks.Metrics;

/// <summary>The longest common subsequence of two lists of words.</summary>
internal sealed class CommonSubsequence
{
    private readonly string[] left;
    private readonly string[] right;
    private readonly int[,] table; // [prefix of left, prefix of right] -> length

    public CommonSubsequence(string[] left, string[] right)
    {
        (this.left, this.right) = (left, right);
        table = new int[left.Length + 1, right.Length + 1];
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                table[i, j] = string.Equals(left[i - 1], right[j - 1], StringComparison.Ordinal)
                    ? table[i - 1, j - 1] + 1
                    : Math.Max(table[i - 1, j], table[i, j - 1]);
            }
        }
    }

    public int Length => table[left.Length, right.Length];

    /// <summary>Where in the left list its words stand, last first. Of several such subsequences the one that rouge_score takes.</summary>
    public IEnumerable<int> Positions()
    {
        int i = left.Length, j = right.Length;
        while (i > 0 && j > 0)
        {
            if (string.Equals(left[i - 1], right[j - 1], StringComparison.Ordinal))
            {
                yield return i - 1;
                (i, j) = (i - 1, j - 1);
            }
            else if (table[i, j - 1] > table[i - 1, j])
            {
                j--;
            }
            else
            {
                i--;
            }
        }
    }
}
