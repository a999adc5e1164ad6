using Allometry.Ranks;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Rows that change places among processes.</summary>
/// <param name="ToEach">Rows that go to each process.</param>
/// <param name="FromEach">Rows that come from each.</param>
internal sealed record RowExchange(Peers Peers, int[] ToEach, int[] FromEach)
{
    /// <summary>The way home.</summary>
    public RowExchange Back => new(Peers, FromEach, ToEach);
}

/// <summary>Rows [row, width] to other processes and theirs here; backward the gradients go the same way back.</summary>
internal sealed class ExchangeRows : autograd.SingleTensorFunction<ExchangeRows>
{
    private const string Call = "call";

    public override string Name => "ExchangeRows";

    public static Tensor Run(Tensor rows, RowExchange exchange) => is_grad_enabled() ? apply(rows, exchange) : Moved(rows, exchange);

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        context.save_data(Call, arguments[1]);
        return Moved((Tensor)arguments[0], (RowExchange)arguments[1]);
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var back = Moved(gradient, ((RowExchange)context.get_data(Call)).Back);
        gradient.Dispose();
        return SavedTensors.Return([back, null]);
    }

    private static unsafe Span<float> Floats(Tensor tensor) => new(NativeCalls.Floats(tensor), (int)tensor.numel());

    private static Tensor Moved(Tensor rows, RowExchange exchange)
    {
        var width = (int)rows.size(1);
        using var given = rows.to(float32).cpu().contiguous();
        using var received = empty([exchange.FromEach.Sum(), width], float32, CPU);
        exchange.Peers.Exchange(Floats(given), [.. exchange.ToEach.Select(count => count * width)], Floats(received), [.. exchange.FromEach.Select(count => count * width)]);
        return received.to(rows.dtype).to(rows.device).alias();
    }
}
