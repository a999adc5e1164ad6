using Allometry.Kernels;
using Allometry.Ranks;
using static TorchSharp.torch;

namespace Allometry.Papers.Switch;

/// <summary>
/// Experts divided among processes, each with a stretch of them: a token's row goes to the process of its expert, and what the expert makes of it comes back (section 3.3 of the paper). Rows and their gates travel in one message.
/// </summary>
/// <param name="ToEach">Rows that go to each process.</param>
/// <param name="FromEach">Rows that come from each.</param>
/// <param name="Here">Where the rows that came go: all rows of the first of this process's experts, then the second's.</param>
internal sealed record ExpertExchange(Peers Peers, int[] ToEach, int[] FromEach, Dispatch Here)
{
    /// <summary>What the experts make of tokens [token, width], whose gates are [token, expert]; a process by itself runs them as they are. Where tokens travel each has the one gate that it needs, [row, 1].</summary>
    public static Tensor Through(Peers peers, Tensor tokens, Tensor gates, Dispatch dispatch, Func<Tensor, Tensor, Dispatch, Tensor> run)
    {
        if (peers.Count == 1) return dispatch.Rows.Length == 0 ? zeros_like(tokens) : run(tokens, gates, dispatch);
        var exchange = Of(peers, dispatch);
        var numbers = Numbers(dispatch, tokens.device);
        var came = ExchangeRows.Run(cat([tokens.index_select(0, numbers), dispatch.Of(gates).unsqueeze(1)], 1), exchange); // [row, width + 1]
        var (rows, theirs) = (came.narrow(1, 0, tokens.size(1)).contiguous(), came.narrow(1, tokens.size(1), 1));
        var made = exchange.Here.Rows.Length == 0 ? rows * theirs : run(rows, theirs.contiguous(), exchange.Here);
        return zeros_like(tokens).index_copy_(0, numbers, ExchangeRows.Run(made, exchange.Back));
    }

    /// <summary>Experts that a process has at most: the first one so many, then the next.</summary>
    public static int Most(int experts, int processes) => (experts + processes - 1) / processes;

    private static Tensor Numbers(Dispatch dispatch, Device device) => dispatch.Rows.Length == 0 ? empty([0], int64, device) : tensor(dispatch.Rows, device: device);

    /// <summary>The way home.</summary>
    private ExpertExchange Back => this with { ToEach = FromEach, FromEach = ToEach };

    /// <summary>Tells the others how many rows come for each of their experts.</summary>
    private static ExpertExchange Of(Peers peers, Dispatch dispatch)
    {
        var experts = dispatch.Ends.Length;
        var most = Most(experts, peers.Count);
        var (given, received) = (new int[peers.Count * most], new int[peers.Count * most]); // [process, expert of it]
        for (var expert = 0; expert < experts; expert++) given[expert] = dispatch.Ends[expert] - (expert == 0 ? 0 : dispatch.Ends[expert - 1]);
        peers.Exchange(given, received);
        int[] Sums(int[] counts) => [.. counts.Chunk(most).Select(each => each.Sum())];
        return new(peers, Sums(given), Sums(received), Sorted(received, experts, peers.Rank * most, most));
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

/// <summary>Rows [row, width] to other processes and theirs here; backward the gradients go the same way back.</summary>
internal sealed class ExchangeRows : autograd.SingleTensorFunction<ExchangeRows>
{
    private const string Call = "call";

    public override string Name => "ExchangeRows";

    public static Tensor Run(Tensor rows, ExpertExchange exchange) => is_grad_enabled() ? apply(rows, exchange) : Moved(rows, exchange.Peers, exchange.ToEach, exchange.FromEach);

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        context.save_data(Call, arguments[1]);
        var exchange = (ExpertExchange)arguments[1];
        return Moved((Tensor)arguments[0], exchange.Peers, exchange.ToEach, exchange.FromEach);
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var exchange = (ExpertExchange)context.get_data(Call);
        var back = Moved(gradient, exchange.Peers, exchange.FromEach, exchange.ToEach);
        gradient.Dispose();
        return SavedTensors.Return([back, null]);
    }

    private static unsafe Span<float> Floats(Tensor tensor) => new(NativeCalls.Floats(tensor), (int)tensor.numel());

    private static Tensor Moved(Tensor rows, Peers peers, int[] toEach, int[] fromEach)
    {
        var width = (int)rows.size(1);
        using var given = rows.to(float32).cpu().contiguous();
        using var received = empty([fromEach.Sum(), width], float32, CPU);
        peers.Exchange(Floats(given), [.. toEach.Select(count => count * width)], Floats(received), [.. fromEach.Select(count => count * width)]);
        return received.to(rows.dtype).to(rows.device).alias();
    }
}
