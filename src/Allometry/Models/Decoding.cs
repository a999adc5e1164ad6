using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A model while it writes: one token of every row at a time, with what is already computed kept in a cache.</summary>
public sealed class Decoding(Tensor first, DecodeCache cache, Func<Tensor, DecodeCache, Tensor> next) : IDisposable
{
    /// <summary>The tokens to begin with, int64 [batch].</summary>
    public Tensor First => first;

    public DecodeCache Cache => cache;

    /// <summary>int64 tokens [batch] -> the logits of those after them [batch, vocabulary]</summary>
    public Tensor Next(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return next(tokens.unsqueeze(1), cache).select(1, 0).MoveToOuterDisposeScope();
    }

    public void Dispose() => cache.Dispose();
}
