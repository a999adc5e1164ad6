using Allometry.Kernels;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>Logits and cross-entropy in one operation, beside the two from library operations.</summary>
public class LossKernelTests
{
    public static TheoryData<double, double> Options => new() { { 0, 0 }, { 0.1, 0 }, { 0, 1e-3 }, { 0.2, 1e-2 } };

    [Theory, MemberData(nameof(Options))]
    public void Any_number_of_words_gives_what_library_operations_give(double smoothing, double z)
    {
        foreach (var vocabulary in (int[])[2, 5, 15, 16, 17, 31, 32, 33, 1000])
            new Case { Vocabulary = vocabulary, Smoothing = smoothing, Z = z }.Agrees();
    }

    [Theory, MemberData(nameof(Options))]
    public void Any_number_of_rows_gives_what_library_operations_give(double smoothing, double z)
    {
        foreach (var rows in (int[])[1, 2, 15, 16, 17, 129])
            new Case { Rows = rows, Ignored = 0, Smoothing = smoothing, Z = z }.Agrees();
    }

    [Theory, MemberData(nameof(Options))]
    public void More_rows_than_a_chunk_holds_give_what_library_operations_give(double smoothing, double z) =>
        new Case { Rows = 140, Vocabulary = 140_001, Width = 3, Smoothing = smoothing, Z = z }.Agrees();

    [Theory, MemberData(nameof(Options))]
    public void Large_scores_give_what_library_operations_give(double smoothing, double z) => new Case { Size = 30, Smoothing = smoothing, Z = z }.Agrees();

    [Fact]
    public void Ignored_targets_count_for_nothing()
    {
        foreach (var ignored in (double[])[0.1, 0.9]) new Case { Ignored = ignored, Smoothing = 0.1, Z = 1e-3 }.Agrees();
    }

    [Fact]
    public void Where_all_targets_are_ignored_loss_and_gradients_are_zero()
    {
        using var scope = NewDisposeScope();
        using var head = new Case().Head();
        var hidden = randn(4, head.Weight.size(1)).requires_grad_();
        var (loss, plain) = LossKernel.Run(hidden, head.Weight, full([4], -1, int64), 0.1, 1e-3);
        loss.backward();
        Assert.Equal((0f, 0f), (loss.item<float>(), plain.item<float>()));
        Assert.Equal((0f, 0f), (hidden.grad!.abs().max().item<float>(), head.Weight.grad!.abs().max().item<float>()));
    }

    [Fact]
    public void A_multiple_of_the_loss_has_multiples_of_its_gradients() => new Case { Factor = -2.5, Smoothing = 0.1 }.Agrees();

    [Fact]
    public void Gradients_of_two_batches_add_up() => new Case { Batches = 2, Factor = 0.5 }.Agrees();

    [Fact]
    public void A_frozen_table_gets_no_gradient() => new Case { Frozen = true }.Agrees();

    [Fact]
    public void States_need_not_want_a_gradient() => new Case { Differentiated = false }.Agrees();

    [Fact]
    public void Without_gradients_the_loss_is_the_same()
    {
        using var scope = NewDisposeScope();
        using var head = new Case().Head();
        var (hidden, targets) = (randn(9, head.Weight.size(1)), arange(9, int64));
        var (with, entropyWith) = LossKernel.Run(hidden, head.Weight, targets, 0.1, 1e-3);
        using var still = no_grad();
        var (without, entropyWithout) = LossKernel.Run(hidden, head.Weight, targets, 0.1, 1e-3);
        Assert.Equal((with.item<float>(), entropyWith.item<float>()), (without.item<float>(), entropyWithout.item<float>()));
    }

    private sealed record Case
    {
        public int Rows { get; init; } = 21;

        public int Width { get; init; } = 19;

        public int Vocabulary { get; init; } = 43;

        /// <summary>Share of targets that are ignored.</summary>
        public double Ignored { get; init; } = 0.3;

        /// <summary>Of the states.</summary>
        public double Size { get; init; } = 1;

        public double Smoothing { get; init; }

        public double Z { get; init; }

        public double Factor { get; init; } = 1;

        public int Batches { get; init; } = 1;

        public bool Frozen { get; init; }

        public bool Differentiated { get; init; } = true;

        public Projection Head() =>
            Twins.Randomised(Projection.FanIn(new Place(new EncoderDecoder(), new Shape(Width, 1, 1, 1, 0, 0, Vocabulary)), Width, Vocabulary, WeightRole.Head), seed: 2);

        public void Agrees()
        {
            using var head = Head();
            head.Weight.requires_grad = !Frozen;
            Twins.Agree(head, way => Run(way, head));
        }

        private Dictionary<string, Tensor?> Run(Way way, Projection head)
        {
            var results = new Dictionary<string, Tensor?>();
            for (var i = 0; i < Batches; i++)
            {
                manual_seed(10 + i);
                var hidden = way.Of((Size * randn(Rows, Width)).requires_grad_(Differentiated));
                var targets = randint(0, Vocabulary, [Rows], int64).masked_fill(rand(Rows).lt(Ignored), -1);
                var (loss, entropy) = way.Plain
                    ? CrossEntropy.Sums(head.forward(hidden), targets, Smoothing, Z)
                    : LossKernel.Run(hidden, head.Weight, targets, Smoothing, Z);
                (loss * Factor).backward();
                results.Add($"loss {i}", loss);
                results.Add($"cross-entropy {i}", entropy);
                results.Add($"gradient of states {i}", hidden.grad);
            }
            return results;
        }
    }
}
