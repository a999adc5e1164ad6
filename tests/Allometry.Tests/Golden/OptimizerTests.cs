using Allometry.Models;
using Allometry.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Golden;

/// <summary>
/// Twelve steps of Hugging Face's optimisers on one batch. Its Adafactor keeps row and column means of every matrix, however small: that is Mesh TensorFlow's factored from 1,
/// since which of two dimensions is called the larger makes no difference to rows x columns / mean.
/// The model is the plain one, whose sums run in the references' order: AdamW divides a gradient by its own size, so where one is zero but for rounding (a key's weight here),
/// the references themselves end 7e-6 from what double precision gives, and another order of the same sums ends as far on the other side.
/// </summary>
public class OptimizerTests
{
    public static TheoryData<string> Cases => HuggingFaceCase.Named("optim-");

    [Theory, MemberData(nameof(Cases))]
    public void Twelve_steps_end_where_the_references_do(string name) => Walk(name, plain: false);

    [Theory, MemberData(nameof(Cases))]
    public void So_do_twelve_steps_from_library_operations(string name) => Walk(name, plain: true);

    private static void Walk(string name, bool plain)
    {
        Assert.SkipWhen(name == "none", "there are no such cases");
        using var scope = NewDisposeScope();
        using var golden = new HuggingFaceCase(name);
        var (optimizer, rate) = OptimizerOf((string)golden.Facts["optimiser"]!);
        using var state = optimizer.Build(golden.Parameters);
        (golden.Model.Plain, state.Plain) = (true, plain);
        var (inputs, mask, labels) = (golden.Read("input_ids"), golden.Read("attention_mask").to(@bool), golden.Read("labels"));
        var expected = golden.Read("losses").data<double>().ToArray();
        for (var step = 0; step < expected.Length; step++)
        {
            using var one = NewDisposeScope();
            var loss = golden.Model.Loss(inputs, mask, labels, new LossOptions());
            Assert.Equal(expected[step], loss.CrossEntropy.ToDouble() / loss.Tokens, 1e-4 * expected[step]);
            (loss.Sum / loss.Tokens).backward();
            state.Step(step, rate);
            foreach (var (_, parameter) in golden.Parameters) parameter.grad = null;
        }
        foreach (var (weight, parameter) in golden.Parameters)
            Assert.True((golden.Read($"after.{weight}") - parameter).abs().max().item<float>() <= 1e-5, $"{weight} is not where it should be");
    }

    private static (Optimizer Optimizer, double Rate) OptimizerOf(string words) => words switch
    {
        _ when words.StartsWith("torch AdamW, lr 1e-3, betas (0.9, 0.999), eps 1e-8, weight decay 0.01", StringComparison.Ordinal) => (new AdamW(), 1e-3),
        _ when words.Contains("relative_step True", StringComparison.Ordinal) => (new Adafactor(FactoredFrom: 1), 1e-2),        // min(1e-2, 1 / sqrt(step)) of the first steps
        _ when words.Contains("beta1 0.9", StringComparison.Ordinal) => (new Adafactor(FactoredFrom: 1, ScaleByParameter: false, Momentum: 0.9), 1e-3),
        _ when words.Contains("lr 1e-3, scale_parameter True, relative_step False", StringComparison.Ordinal) => (new Adafactor(FactoredFrom: 1), 1e-3),
        _ => throw new NotSupportedException(words),
    };
}
