using System.Numerics;
using static TorchSharp.torch;

namespace Allometry.Papers.Switch;

/// <summary>
/// Which expert takes which token. Experts fill from left to right: a token has a slot where fewer earlier tokens of its group chose the same expert than the expert has slots (Mesh TensorFlow's
/// exclusive count; the paper's appendix would leave the last slot empty).
/// </summary>
/// <param name="Rows">The tokens that have a slot: those of the first expert in their order, then the second's.</param>
/// <param name="Ends">Behind the last row of each expert.</param>
/// <param name="Chosen">Tokens whose first choice each expert is.</param>
/// <param name="Routed">Tokens that chose.</param>
internal sealed record Dispatch(long[] Rows, int[] Ends, long[] Chosen, long Routed)
{
    public long Dropped => Routed - Rows.Length;

    /// <summary>The gate of each row, [row], among those of all tokens, [token, expert], or [token, 1] where a token has only one.</summary>
    public Tensor Of(Tensor gates)
    {
        var (places, columns) = (new long[Rows.Length], gates.size(1));
        for (var (i, expert) = (0, 0); i < places.Length; i++)
        {
            while (i >= Ends[expert]) expert++;
            places[i] = columns == 1 ? Rows[i] : (Rows[i] * columns) + expert;
        }
        return gates.reshape(-1).index_select(0, tensor(places, device: gates.device));
    }

    /// <summary>Places tokens by their probabilities [token, expert]; equal ones prefer the first expert.</summary>
    /// <param name="real">Which tokens are routed; empty: all.</param>
    /// <param name="group">Tokens that share slots, one after the other.</param>
    /// <param name="tries">Experts that a token without a slot may ask, from the likeliest on: first every token its first choice, then those left over their second.</param>
    /// <param name="slots">Slots of each expert for a group: of so many tokens, among so many positions.</param>
    public static Dispatch Of<T>(ReadOnlySpan<T> probabilities, int experts, ReadOnlySpan<bool> real, int group, int tries, Func<int, int, int> slots) where T : INumber<T>
    {
        var tokens = probabilities.Length / experts;
        var (choices, placed, chosen) = (Choices(probabilities, experts, tries), new int[tokens], new long[experts]);
        var (used, routed) = (new int[experts], 0L);
        for (var first = 0; first < tokens; first += group)
        {
            var end = Math.Min(tokens, first + group);
            var count = real.IsEmpty ? end - first : real[first..end].Count(true);
            routed += count;
            used.AsSpan().Clear();
            Fill(new(placed, choices, used), first, end, real, slots(count, end - first));
            for (var token = first; token < end; token++)
                if (real.IsEmpty || real[token]) chosen[choices[token * tries]]++;
        }
        return Sorted(placed, experts, chosen, routed);
    }

    private readonly record struct Filling(int[] Placed, int[] Choices, int[] Used);

    private static void Fill(Filling filling, int first, int end, ReadOnlySpan<bool> real, int slots)
    {
        var tries = filling.Choices.Length / filling.Placed.Length;
        for (var turn = 0; turn < tries; turn++)
            for (var token = first; token < end; token++)
            {
                var expert = filling.Choices[(token * tries) + turn];
                if (filling.Placed[token] != 0 || !(real.IsEmpty || real[token]) || filling.Used[expert] >= slots) continue;
                filling.Used[expert]++;
                filling.Placed[token] = 1 + expert; // 0: none yet
            }
    }

    /// <summary>[token, turn]</summary>
    private static int[] Choices<T>(ReadOnlySpan<T> probabilities, int experts, int tries) where T : INumber<T>
    {
        var choices = new int[probabilities.Length / experts * tries];
        for (var token = 0; token < probabilities.Length / experts; token++)
        {
            var all = probabilities.Slice(token * experts, experts);
            for (var turn = 0; turn < tries; turn++) choices[(token * tries) + turn] = Largest(all, choices.AsSpan(token * tries, turn));
        }
        return choices;
    }

    /// <summary>Of those that do not stand in a list the first.</summary>
    private static int Largest<T>(ReadOnlySpan<T> all, ReadOnlySpan<int> but) where T : INumber<T>
    {
        var best = -1;
        for (var i = 0; i < all.Length; i++)
            if ((best < 0 || all[i] > all[best]) && (but.IsEmpty || !but.Contains(i))) best = i;
        return best;
    }

    private static Dispatch Sorted(int[] placed, int experts, long[] chosen, long routed)
    {
        var ends = new int[experts];
        foreach (var place in placed)
            if (place > 0) ends[place - 1]++;
        var next = new int[experts];
        for (var expert = 1; expert < experts; expert++) ends[expert] += next[expert] = ends[expert - 1];
        var rows = new long[ends[^1]];
        for (var token = 0; token < placed.Length; token++)
            if (placed[token] > 0) rows[next[placed[token] - 1]++] = token;
        return new(rows, ends, chosen, routed);
    }
}
