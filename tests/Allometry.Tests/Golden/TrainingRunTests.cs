using Allometry.Models;
using Allometry.Tasks;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Golden;

/// <summary>Two hundred steps of real text by the trainer itself, beside Hugging Face's; the README of the goldens says why rounding allows no more.</summary>
public class TrainingRunTests
{
    public static TheoryData<string> Cases => HuggingFaceCase.Named("train-");

    [Theory, MemberData(nameof(Cases))]
    public void Losses_follow_the_reference_and_the_held_out_loss_ends_within_two_percent(string name)
    {
        Assert.SkipWhen(name == "none", "there are no such cases");
        using var scope = NewDisposeScope();
        using var golden = new HuggingFaceCase(name);
        var expected = golden.Read("losses").data<double>().ToArray();
        var norms = golden.Read("grad_norms").data<double>().ToArray();
        Optimizer optimizer = (string)golden.Facts["optimiser"]! == "adamw" ? new AdamW(WeightDecay: 0) : new Adafactor(FactoredFrom: 1);
        var options = new TrainingOptions(optimizer, (double)golden.Facts["lr"]!, new Constant(), Clip: (double)golden.Facts["clip_norm"]!);
        using var trainer = new Trainer(golden.Model, Loss, new Given(golden, "train"), options, expected.Length, seed: 1);
        foreach (var (i, step) in trainer.Steps(TestContext.Current.CancellationToken).Index())
        {
            Assert.Equal(expected[i], step.Loss, (i < 20 ? 1e-3 : 5e-2) * expected[i]);
            if (i < 20) Assert.Equal(norms[i], step.GradientNorm, 1e-2 * norms[i]);
        }
        var held = golden.Read("eval_losses").data<double>().ToArray();
        var mean = new Validation(new Given(golden, "eval"), held.Length, Loss).Loss(golden.Model);
        Assert.Equal(held.Average(), mean, 0.02 * held.Average());
    }

    private static LossTensors Loss(LanguageModel model, Batch batch, LossOptions options) => model.Loss(batch.Inputs, batch.InputMask, batch.Targets, options);

    private sealed class Given : BatchSource
    {
        private readonly long[] sizes;
        private readonly int[] inputs, labels;
        private readonly int length, targets;

        public Given(HuggingFaceCase golden, string part)
        {
            using var scope = NewDisposeScope();
            var (read, written) = (golden.Read($"{part}_input_ids"), golden.Read($"{part}_labels"));
            (sizes, length, targets) = (read.shape, (int)read.size(2), (int)written.size(2)); // [step, row, token]
            (inputs, labels) = (read.data<int>().ToArray(), written.data<int>().ToArray());
        }

        public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range((int)(step * sizes[1]), (int)sizes[1])
            .Select(row => new Example(inputs[(row * length)..((row + 1) * length)], labels[(row * targets)..((row + 1) * targets)]))];
    }
}
