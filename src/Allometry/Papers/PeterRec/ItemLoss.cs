using Allometry.Kernels;
using Allometry.Models;
using Allometry.Tasks;
using static TorchSharp.torch;

namespace Allometry.Papers.PeterRec;

/// <summary>What is minimised where answers are scored.</summary>
public enum ItemLoss
{
    /// <summary>Of the right answer among all.</summary>
    CrossEntropy,

    /// <summary>Of the right answer and one drawn evenly from the others, each by itself: the authors' default.</summary>
    Binary,

    /// <summary>Of the difference of those two (BPR).</summary>
    Pairwise,
}

/// <summary>From users to scores of answers, and to the loss.</summary>
internal static class ItemScores
{
    /// <summary>
    /// u . T for every answer, [batch, answers]. A causal stack's u is its state at the last token of a user; of one that sees both sides the states at the first and the last are added.
    /// </summary>
    public static Tensor Of(LanguageModel model, Tensor inputs, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var states = model.Read(inputs, mask).Values.Single();
        foreach (var state in states) scope.Attach(state);
        var width = model.Shape.ModelWidth;
        var last = (mask.sum(1) - 1).view(-1, 1, 1).expand(-1, 1, width);
        var user = states[^1].gather(1, last).squeeze(1); // [batch, model width]
        return model.Answer(model.Architecture is DecoderOnly ? user : user + states[^1].select(1, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>The loss summed over users. Targets are [right answer + 1], with a loss of pairs [right answer + 1, another + 1]: 0 is padding.</summary>
    public static LossTensors Loss(this ItemLoss loss, LanguageModel model, Batch batch, LossOptions options)
    {
        using var scope = NewDisposeScope();
        var (scores, answers) = (Of(model, batch.Inputs, batch.InputMask), batch.Targets - 1);
        if (loss == ItemLoss.CrossEntropy)
        {
            var (sum, plain) = CrossEntropy.Sums(scores, answers.select(1, 0), options.LabelSmoothing, options.ZWeight);
            return new(sum.MoveToOuterDisposeScope(), plain.MoveToOuterDisposeScope(), scores.size(0));
        }

        var pairs = scores.gather(1, answers);
        var (wanted, other) = (pairs.select(1, 0), pairs.select(1, 1));
        var total = (loss == ItemLoss.Binary ? PairLosses.BinaryCrossEntropy(wanted, other) : PairLosses.PersonalisedRanking(wanted, other)) * scores.size(0);
        return new(total.MoveToOuterDisposeScope(), total.detach().MoveToOuterDisposeScope(), scores.size(0));
    }
}
