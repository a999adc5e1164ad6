using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A model while it writes: one token of every row at a time, with what is already computed kept in a cache.</summary>
public sealed class Decoding : IDisposable
{
    private readonly Func<Tensor, DecodeCache, Tensor> next;

    /// <param name="first">What is there before the first token is written, int64 [batch, length].</param>
    /// <param name="next">Tokens [batch, length] and the cache of all before them -> logits after the last of them [batch, vocabulary].</param>
    public Decoding(Tensor first, Func<Tensor, DecodeCache, Tensor> next)
    {
        this.next = next;
        Logits = Last(first);
    }

    public DecodeCache Cache { get; } = new();

    /// <summary>The logits of the token to be written, [batch, vocabulary].</summary>
    public Tensor Logits { get; private set; }

    /// <summary>Writes a token to every row, int64 [batch].</summary>
    public void Write(Tensor tokens)
    {
        using var former = Logits;
        Logits = Last(tokens.unsqueeze(1));
    }

    public void Dispose()
    {
        Logits.Dispose();
        Cache.Dispose();
    }

    private Tensor Last(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return next(tokens, Cache).DetachFromDisposeScope();
    }
}
