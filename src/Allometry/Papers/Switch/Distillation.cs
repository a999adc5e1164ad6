using Allometry.Kernels;
using Allometry.Models;
using Allometry.Tasks;
using static TorchSharp.torch;

namespace Allometry.Papers.Switch;

/// <summary>
/// What a student learns from a teacher (section 4.2): first the weights that both have, then hard x cross-entropy with the text and the rest with the teacher's probabilities, at temperature 1.
/// </summary>
internal sealed class Distillation(LanguageModel teacher, double hard)
{
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
        var counted = batch.Targets.gt(LanguageModel.Pad).reshape(-1).nonzero().view(-1);
        Tensor Logits(LanguageModel model) => model.Logits(batch.Inputs, batch.InputMask, batch.Targets).reshape(-1, model.Shape.Vocabulary).index_select(0, counted); // [target, vocabulary]
        var logits = Logits(student);
        var (loss, plain) = CrossEntropy.Sums(logits, batch.Targets.reshape(-1).index_select(0, counted), options.LabelSmoothing, options.ZWeight);
        var soft = -(Probabilities(Logits) * logits.log_softmax(-1)).sum();
        return new((hard * loss + (1 - hard) * soft).MoveToOuterDisposeScope(), plain.MoveToOuterDisposeScope(), counted.numel());
    }

    private Tensor Probabilities(Func<LanguageModel, Tensor> logits)
    {
        using var still = new Still(teacher);
        return logits(teacher).softmax(-1);
    }
}
