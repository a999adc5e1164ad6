using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Generation;

/// <summary>Computes everything anew for each token, by the whole model: what a cache is held to.</summary>
internal sealed class WholeModelContinuation : Continuation
{
    private readonly LanguageModel model;
    private Tensor inputs, mask, written; // [row, input] twice, [row, length]

    public WholeModelContinuation(LanguageModel model, Tensor inputs, Tensor? inputMask)
    {
        this.model = model;
        (this.inputs, mask) = (inputs.alias().DetachFromDisposeScope(), (inputMask?.alias() ?? inputs.ne(LanguageModel.Pad)).DetachFromDisposeScope());
        written = empty([inputs.size(0), 0], int64, inputs.device).DetachFromDisposeScope();
        Predict(written);
    }

    public override void Dispose()
    {
        base.Dispose();
        inputs.Dispose();
        mask.Dispose();
        written.Dispose();
    }

    // The last target is not looked at: it only asks for its logits.
    protected override Tensor Next(Tensor tokens)
    {
        Replace(ref written, cat([written, tokens], 1));
        var logits = model.Logits(inputs, mask, cat([written, ones([written.size(0), 1], int64, written.device)], 1));
        return logits.select(1, logits.size(1) - 1);
    }

    protected override void Choose(Tensor rows)
    {
        Replace(ref inputs, inputs.index_select(0, rows));
        Replace(ref mask, mask.index_select(0, rows));
        Replace(ref written, written.index_select(0, rows));
    }

    private static void Replace(ref Tensor kept, Tensor by)
    {
        kept.Dispose();
        kept = by.DetachFromDisposeScope();
    }
}
