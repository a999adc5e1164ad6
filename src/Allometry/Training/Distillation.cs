using Allometry.Kernels;
using Allometry.Models;
using Allometry.Native;
using Allometry.Tasks;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// What a student learns from a teacher (Hinton et al. 2015, arXiv 1503.02531, in the form of section 4.2 of the Switch Transformer, arXiv 2101.03961): first the weights that both have, then hard x cross-entropy with the text and the rest with the teacher's probabilities, at temperature 1.
/// Logits exist for some targets at a time: kept are the gradients that the loss has of the states before them and of the matrix between.
/// </summary>
internal sealed class Distillation(LanguageModel teacher, double hard, long logitsAtOnce = Distillation.LogitsAtOnce)
{
    private const long LogitsAtOnce = 1 << 20;

    // Logits and probabilities of both models, their logarithms and product, the gradients of these, and holes between them.
    private const double Copies = 16;

    /// <summary>Bytes that the loss of so many targets needs beside both models: states and their gradients, the gradient of the matrix behind them by a part and by all, and what exists at once of logits.</summary>
    public static double Bytes(double targets, Shape shape) =>
        sizeof(float) * ((4 * targets * shape.ModelWidth) + (2.0 * shape.Vocabulary * shape.ModelWidth) + (Copies * Math.Min(targets * shape.Vocabulary, LogitsAtOnce)));

    /// <summary>Gives the student every weight of the teacher that has the same name and shape there: all but the experts'. Returns their names.</summary>
    public IReadOnlyList<string> Begin(LanguageModel student)
    {
        using var still = no_grad();
        var known = teacher.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        var shared = student.named_parameters().Where(pair => known.TryGetValue(pair.name, out var weight) && weight.shape.SequenceEqual(pair.parameter.shape)).ToList();
        foreach (var (name, weight) in shared) weight.copy_(known[name]);
        return [.. shared.Select(pair => pair.name)];
    }

    /// <summary>Summed over the target tokens; plain cross-entropy beside it is that with the text.</summary>
    public LossTensors Loss(LanguageModel student, Batch batch, LossOptions options)
    {
        using var scope = NewDisposeScope();
        batch = batch.To(student.Device);
        var labels = batch.Targets.reshape(-1);
        var counted = labels.gt(LanguageModel.Pad).nonzero().view(-1);
        Tensor States(LanguageModel model) => model.States(batch.Inputs, batch.InputMask, batch.Targets).reshape(-1, model.Shape.ModelWidth).index_select(0, counted); // [target, model width]
        var (known, states) = (Known(States), States(student));
        var (loss, plain, dStates, dWords) = (zeros([], device: student.Device), zeros([], device: student.Device), zeros_like(states), zeros_like(student.Words));
        foreach (var rows in arange(counted.numel(), device: student.Device).split(Math.Max(1, logitsAtOnce / student.Shape.Vocabulary)))
        {
            using var part = NewDisposeScope();
            var own = states.detach().index_select(0, rows).requires_grad_();
            var (sum, exact) = Sums(student.Predict(own), Probabilities(known.index_select(0, rows)), labels.index_select(0, counted.index_select(0, rows)), options);
            var slopes = autograd.grad([sum], [own, student.Words]);
            dStates.index_copy_(0, rows, slopes[0]);
            dWords.add_(slopes[1]);
            loss.add_(sum.detach());
            plain.add_(exact);
        }
        FreedBlocks.Return(); // parts leave holes that the next steps do not fill (docs/measured/memory.md)
        var tied = (states * dStates).sum() + (student.Words * dWords).sum(); // has these gradients, and what is added is zero
        return new((loss + (tied - tied.detach())).MoveToOuterDisposeScope(), plain.MoveToOuterDisposeScope(), counted.numel());
    }

    private (Tensor Sum, Tensor Plain) Sums(Tensor logits, Tensor probabilities, Tensor labels, LossOptions options)
    {
        var (loss, plain) = CrossEntropy.Sums(logits, labels, options.LabelSmoothing, options.ZWeight);
        var soft = (logits.logsumexp(-1) - (probabilities * logits).sum([-1])).sum();
        return ((hard * loss) + ((1 - hard) * soft), plain);
    }

    private Tensor Known(Func<LanguageModel, Tensor> states)
    {
        using var still = new Still(teacher);
        return states(teacher);
    }

    private Tensor Probabilities(Tensor states)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        return teacher.Predict(states).softmax(-1).MoveToOuterDisposeScope();
    }
}
