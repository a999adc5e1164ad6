using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A model while it writes: rows of tokens that grow by one token at a time.</summary>
public abstract class Continuation : IDisposable
{
    private Tensor? logits;

    /// <summary>The logits of the token to be written next, [row, vocabulary].</summary>
    public Tensor Logits => logits ?? throw new InvalidOperationException("Nothing is begun yet.");

    /// <summary>Writes a token to every row, int64 [row]. First the rows become those of <paramref name="rows"/> (int64: some may be left out, others stand several times).</summary>
    public void Write(Tensor tokens, Tensor? rows = null)
    {
        if (rows is not null)
        {
            using var choosing = NewDisposeScope();
            Choose(rows);
        }
        Predict(tokens.unsqueeze(1));
    }

    public virtual void Dispose() => logits?.Dispose();

    /// <summary>Replaces <see cref="Logits"/> by those after further tokens, int64 [row, length].</summary>
    protected void Predict(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        using var former = logits;
        logits = Next(tokens).DetachFromDisposeScope();
    }

    /// <summary>Further tokens [row, length] -> the logits after the last of them [row, vocabulary].</summary>
    protected abstract Tensor Next(Tensor tokens);

    /// <summary>Puts row rows[i] of everything that is remembered in the place of row i.</summary>
    protected abstract void Choose(Tensor rows);
}

/// <summary>Computes each token once and keeps what later ones need.</summary>
public sealed class CachedContinuation : Continuation
{
    private readonly Func<Tensor, DecodeCache, Tensor> next;
    private readonly DecodeCache cache;

    /// <param name="first">What is there before the first token is written, int64 [row, length].</param>
    /// <param name="prompt">What <paramref name="next"/> needs to know of the inputs; their first dimension is the row.</param>
    /// <param name="next">Tokens [row, length] and the cache of all before them -> logits after the last of them [row, vocabulary].</param>
    public CachedContinuation(Tensor first, Tensor[] prompt, Func<Tensor, DecodeCache, Tensor> next)
    {
        (this.next, cache, First) = (next, new DecodeCache(prompt), first.alias().DetachFromDisposeScope());
        Predict(first);
    }

    /// <summary>What was there before the first token was written, int64 [row, length].</summary>
    internal Tensor First { get; }

    public override void Dispose()
    {
        base.Dispose();
        cache.Dispose();
        First.Dispose();
    }

    /// <summary>The logits after the last of these tokens [row, length], the first among them, with nothing remembered of any.</summary>
    internal Tensor Anew(Tensor tokens)
    {
        using var nothing = new DecodeCache([.. cache.Prompt]);
        return next(tokens, nothing);
    }

    internal void ChooseRows(Tensor rows) => Choose(rows);

    protected override Tensor Next(Tensor tokens) => next(tokens, cache);

    protected override void Choose(Tensor rows) => cache.Choose(rows);
}

/// <summary>Computes all that is written anew for each token, as if nothing had been kept but the encoder's output: what a cache saves is measured against it.</summary>
public sealed class RecomputedContinuation : Continuation
{
    private readonly CachedContinuation begun;
    private Tensor written; // [row, length]

    /// <param name="begun">What a model began and nobody has written to; disposed with this.</param>
    public RecomputedContinuation(CachedContinuation begun)
    {
        this.begun = begun;
        written = begun.First.narrow(1, 0, 0).DetachFromDisposeScope();
        Predict(begun.First);
    }

    public override void Dispose()
    {
        base.Dispose();
        begun.Dispose();
        written.Dispose();
    }

    protected override Tensor Next(Tensor tokens)
    {
        Replace(ref written, cat([written, tokens], 1));
        return begun.Anew(written);
    }

    protected override void Choose(Tensor rows)
    {
        begun.ChooseRows(rows);
        Replace(ref written, written.index_select(0, rows));
    }

    private static void Replace(ref Tensor kept, Tensor by)
    {
        kept.Dispose();
        kept = by.DetachFromDisposeScope();
    }
}
