using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Tests.Text;
using Allometry.Tests.Training;
using Allometry.Text;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>A training on real text with kernels goes as the same without.</summary>
public class LossesTests
{
    private const int Steps = 50;

    public static TheoryData<string> Architectures => ["t5-1.0", "t5-1.1"];

    [Theory, MemberData(nameof(Architectures))]
    public void Fifty_losses_are_those_of_the_twin(string architecture)
    {
        using var one = new Threads(1);
        var (kernel, plain) = (Losses(architecture, plain: false), Losses(architecture, plain: true));
        Assert.True(plain[^1] < 0.9 * plain[0], "nothing was learnt");
        Assert.NotEqual(plain, kernel); // else no kernel ran
        Assert.All(plain.Zip(kernel), pair => Assert.InRange(pair.Second, pair.First * (1 - 1e-5), pair.First * (1 + 1e-5)));
    }

    [Theory, MemberData(nameof(Architectures))]
    public void They_differ_from_the_twins_by_no_more_than_three_times_what_a_unit_in_the_last_place_of_its_weights_does(string architecture)
    {
        using var one = new Threads(1);
        var plain = Losses(architecture, plain: true);
        // Most of them move it by 2e-7; one in a few, by ten times that.
        var moved = Enumerable.Range(1, 6).Select(seed => Losses(architecture, plain: true, model => Nudge(model, seed))).ToList();
        var kernel = Losses(architecture, plain: false);
        Assert.InRange(Farthest(plain[..10], kernel[..10]), 0, 1e-4);
        Assert.InRange(Farthest(plain, kernel), 0, 3 * moved.Max(losses => Farthest(plain, losses)));
    }

    private static double Farthest(double[] losses, double[] others) => losses.Zip(others).Max(pair => Math.Abs((pair.Second / pair.First) - 1));

    /// <summary>Every weight to the next number above it or below, as chance has it.</summary>
    private static void Nudge(LanguageModel model, int seed)
    {
        var random = new Random(seed);
        foreach (var (_, parameter) in model.named_parameters())
        {
            using var still = no_grad();
            var values = parameter.data<float>().Select(value => random.Next(2) == 0 ? MathF.BitIncrement(value) : MathF.BitDecrement(value)).ToArray();
            parameter.copy_(tensor(values).view(parameter.shape));
        }
    }

    private static double[] Losses(string name, bool plain, Action<LanguageModel>? change = null)
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        var architecture = (Architecture)Catalogue.Of(typeof(Architecture)).Single(entry => entry.Name == name).Default();
        using var model = (architecture with { Dropout = 0.1 }).Build(new Shape(32, 64, 8, 4, 2, 2, 384));
        model.Plain = plain;
        change?.Invoke(model);
        using var trainer = Tiny.Trainer(model, new(new AdamW(), 3e-3, new Constant(), Clip: 1), Steps, source: new RealText());
        return [.. trainer.Rest().Select(step => step.Loss)];
    }

    internal sealed class RealText : BatchSource
    {
        private static readonly ByteTokenizer Tokenizer = new();
        private static readonly int[] Tokens = Tokenizer.EncodePlain(File.ReadAllText(Sources.Smoke));
        private readonly SpanCorruption objective = new();

        public override IReadOnlyList<Example> At(long step)
        {
            var raw = objective.Lengths(64).Raw;
            return [.. Enumerable.Range(0, 8).Select(i => (step * 8) + i)
                .Select(i => objective.Make(Tokens.AsSpan((int)(i * raw % (Tokens.Length - raw)), raw), Tokenizer, RandomStream.For(1, "objective", i)))];
        }
    }
}
