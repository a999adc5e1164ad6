using Allometry.Kernels;
using Allometry.Ranks;
using static TorchSharp.torch;

namespace Allometry.Papers.Switch;

/// <summary>
/// Experts divided among processes, each with a stretch of them: a token's row goes to the process of its expert, and what the expert makes of it comes back (section 3.3 of the paper). Rows and their gates travel in one message.
/// </summary>
/// <param name="Way">How many rows go to each process, and come from it.</param>
/// <param name="Here">Where the rows that came go: all rows of the first of this process's experts, then the second's.</param>
internal sealed record ExpertExchange(RowExchange Way, Dispatch Here)
{
    /// <summary>What the experts make of tokens [token, width], whose gates are [token, expert]; a process by itself runs them as they are. Where tokens travel each has the one gate that it needs, [row, 1].</summary>
    public static Tensor Through(Peers peers, Tensor tokens, Tensor gates, Dispatch dispatch, Func<Tensor, Tensor, Dispatch, Tensor> run)
    {
        if (peers.Count == 1) return dispatch.Rows.Length == 0 ? zeros_like(tokens) : run(tokens, gates, dispatch);
        var exchange = Of(peers, dispatch);
        var numbers = Numbers(dispatch, tokens.device);
        var came = ExchangeRows.Run(cat([tokens.index_select(0, numbers), dispatch.Of(gates).unsqueeze(1)], 1), exchange.Way); // [row, width + 1]
        var (rows, theirs) = (came.narrow(1, 0, tokens.size(1)).contiguous(), came.narrow(1, tokens.size(1), 1));
        var made = exchange.Here.Rows.Length == 0 ? rows * theirs : run(rows, theirs.contiguous(), exchange.Here);
        return zeros_like(tokens).index_copy_(0, numbers, ExchangeRows.Run(made, exchange.Way.Back));
    }

    /// <summary>Experts that a process has at most: the first one so many, then the next.</summary>
    public static int Most(int experts, int processes) => (experts + processes - 1) / processes;

    private static Tensor Numbers(Dispatch dispatch, Device device) => dispatch.Rows.Length == 0 ? empty([0], int64, device) : tensor(dispatch.Rows, device: device);

    /// <summary>Tells the others how many rows come for each of their experts.</summary>
    private static ExpertExchange Of(Peers peers, Dispatch dispatch)
    {
        var experts = dispatch.Ends.Length;
        var most = Most(experts, peers.Count);
        var (given, received) = (new int[peers.Count * most], new int[peers.Count * most]); // [process, expert of it]
        for (var expert = 0; expert < experts; expert++) given[expert] = dispatch.Ends[expert] - (expert == 0 ? 0 : dispatch.Ends[expert - 1]);
        peers.Exchange(given, received);
        int[] Sums(int[] counts) => [.. counts.Chunk(most).Select(each => each.Sum())];
        return new(new(peers, Sums(given), Sums(received)), Sorted(received, experts, peers.Rank * most, most));
    }

    /// <summary>From each process came the rows of this one's experts in their order; an expert takes those of all processes.</summary>
    private static Dispatch Sorted(int[] received, int experts, int first, int most)
    {
        var starts = new long[received.Length];
        for (var i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + received[i - 1];
        var (rows, ends) = (new List<long>(), new int[experts]);
        for (var expert = 0; expert < experts; expert++)
        {
            if (expert >= first && expert < first + most)
                for (var from = expert - first; from < received.Length; from += most)
                    for (var row = 0; row < received[from]; row++) rows.Add(starts[from] + row);
            ends[expert] = rows.Count;
        }
        return new([.. rows], ends, [], rows.Count);
    }
}
