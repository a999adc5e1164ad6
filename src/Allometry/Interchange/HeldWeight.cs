using Allometry.Costs;
using static TorchSharp.torch;

namespace Allometry.Interchange;

/// <summary>A weight of ours where a Hugging Face folder has it: its elements in our order, in the type in which they are stored.</summary>
internal sealed class HeldWeight
{
    private readonly StoredTensor tensor;
    private readonly Lazy<ReadOnlyMemory<byte>>? own; // null: the file's bytes are the weight's

    public HeldWeight(Weight weight, StoredTensor tensor, Holding holding, Func<string, Weight> find)
    {
        (Weight, this.tensor) = (weight, tensor);
        if (holding.IsPlain) return;
        var size = tensor.Entry.Bytes / tensor.Entry.Shape.Aggregate(1L, (product, length) => product * length);
        var first = holding.Weights.TakeWhile(name => name != weight.Name).Sum(name => find(name).Count);
        own = new(() => new(holding.Turned(tensor.File.Stretch(tensor.Entry, 0, checked((int)tensor.Entry.Bytes)), tensor.Entry.Shape), (int)(first * size), (int)(weight.Count * size)));
    }

    public Weight Weight { get; }

    public ScalarType Type => tensor.Entry.Type;

    /// <summary>Some of the bytes, valid until the file is closed.</summary>
    public ReadOnlySpan<byte> Stretch(long first, int length) => own is null ? tensor.File.Stretch(tensor.Entry, first, length) : own.Value.Span.Slice((int)first, length);

    /// <summary>All bytes in order, in stretches of whole elements.</summary>
    public void Visit(Action<ReadOnlySpan<byte>> visit)
    {
        if (own is null) tensor.File.Visit(tensor.Entry, visit);
        else visit(own.Value.Span);
    }
}
