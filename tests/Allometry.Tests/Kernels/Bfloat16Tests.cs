using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Native;
using Allometry.Tests.Models;
using Allometry.Tests.Training;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>Products whose operands are bfloat16. Where the processor has no units for it there is nothing to test but that it is said.</summary>
public class Bfloat16Tests
{
    private static readonly Shape Small = new(ModelWidth: 24, FeedForwardWidth: 40, HeadWidth: 10, Heads: 3, EncoderLayers: 2, DecoderLayers: 2, Vocabulary: 40);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 17, 5)]
    [InlineData(33, 40, 65)]
    [InlineData(200, 31, 300)]
    public unsafe void A_product_is_that_of_the_rounded_operands(int rows, int inner, int columns)
    {
        Needed();
        using var scope = NewDisposeScope();
        var (a, b, c) = (randn(rows, inner), randn(inner, columns), randn(rows, columns));
        var exact = mm(a.to(bfloat16).to(float64), b.to(bfloat16).to(float64));
        using var products = Products.In(Precision.Bfloat16);
        foreach (var (flipA, flipB, keep) in ((bool, bool, float)[])[(false, false, 0), (true, false, 1), (false, true, 0), (true, true, 1)])
        {
            Tensor left = flipA ? a.t().contiguous() : a, right = flipB ? b.t().contiguous() : b, sum = keep == 0 ? full_like(c, float.NaN) : c.clone();
            Blas.Multiply(flipA ? Matrix.Of(left).Transposed : Matrix.Of(left), flipB ? Matrix.Of(right).Transposed : Matrix.Of(right), Matrix.Of(sum), keep);
            Assert.InRange((sum - exact - (keep * c.to(float64))).abs().max().item<double>(), 0, 1e-5 * Math.Sqrt(inner) * 10);
            using var frame = Scratch.Open();
            var packed = Packing.All(frame, flipB ? Matrix.Of(right).Transposed : Matrix.Of(right));
            Blas.Multiply(Matrix.Of(a), packed[0], Matrix.Of(sum));
            Assert.InRange((sum - exact).abs().max().item<double>(), 0, 1e-5 * Math.Sqrt(inner) * 10);
        }
    }

    [Fact]
    public unsafe void Rounding_is_to_nearest_with_ties_to_even_and_keeps_what_is_no_number()
    {
        Libtorch.EnsureLoaded();
        float[] numbers = [0, -0f, 1, 1.00390625f, 1.01171875f, -3.14159f, 1e38f, 3.4e38f, 1e-40f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, BitConverter.UInt32BitsToSingle(0x7F800001)];
        using var scope = NewDisposeScope();
        foreach (var repeat in (int[])[1, 2, 3, 7])
        {
            float[] all = [.. Enumerable.Repeat(numbers, repeat).SelectMany(part => part)];
            var (given, rounded) = (tensor(all), new ushort[all.Length]);
            fixed (ushort* into = rounded) Bfloat16.Round(Matrix.Of(given), into);
            var expected = given.to(bfloat16).to(float32).data<float>().ToArray();
            Assert.Equal(expected, rounded.Select(half => BitConverter.UInt32BitsToSingle((uint)half << 16)));
        }
    }

    [Theory, MemberData(nameof(Trees.WithoutChoice), MemberType = typeof(Trees))]
    public void Loss_and_gradients_are_those_of_float32_but_for_rounding(string name)
    {
        Needed();
        using var scope = NewDisposeScope();
        using var model = Twins.Randomised((Trees.Named(name) with { Dropout = 0.1 }).Build(Small), seed: 4);
        var exact = Run(model, Precision.Float32, plain: false);
        var (kernel, plain) = (Run(model, Precision.Bfloat16, plain: false), Run(model, Precision.Bfloat16, plain: true));
        Assert.All([kernel, plain], rounded => Assert.InRange(rounded.Loss, exact.Loss * 0.98, exact.Loss * 1.02));
        Assert.NotEqual(exact.Loss, kernel.Loss); // else nothing was rounded
        double Off((float, float[] Gradients) rounded) => Math.Sqrt(exact.Gradients.Zip(rounded.Gradients).Sum(pair => Squared(pair.First - pair.Second)) / exact.Gradients.Sum(Squared));
        Assert.True(Off(plain) < 0.5 && Off(kernel) < 1.5 * Off(plain), $"library operations are {Off(plain):g3} off, kernels {Off(kernel):g3}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_same_step_twice_gives_the_same_bits_recomputed_or_not(int threads)
    {
        Needed();
        using var team = new Threads(threads);
        using var scope = NewDisposeScope();
        using var model = Twins.Randomised(new EncoderDecoder { Dropout = 0.1 }.Build(Small), seed: 4);
        var once = Run(model, Precision.Bfloat16, plain: false);
        model.Recompute = true;
        var again = Run(model, Precision.Bfloat16, plain: false);
        Assert.Equal(once.Loss, again.Loss);
        Assert.Equal(once.Gradients, again.Gradients);
        Assert.Equal(Precision.Float32, Products.Precision);
    }

    [Fact]
    public void A_training_ends_as_near_to_float32_as_another_seed()
    {
        Needed();
        double Last(Precision precision, long seed)
        {
            manual_seed(seed);
            using var model = new EncoderDecoder().Build(new Shape(32, 64, 8, 4, 1, 1, 384));
            model.Precision = precision;
            using var trainer = Tiny.Trainer(model, new(new AdamW(), 3e-3, new Constant(), Clip: 1), steps: 30, source: new LossesTests.RealText());
            return trainer.Rest().Select(step => step.Loss).TakeLast(10).Average();
        }
        var exact = new long[] { 1, 2, 3 }.Select(seed => Last(Precision.Float32, seed)).ToArray();
        var rounded = new long[] { 1, 2, 3 }.Select(seed => Last(Precision.Bfloat16, seed)).ToArray();
        Assert.InRange(Math.Abs(exact.Average() - rounded.Average()), 0, exact.Max() - exact.Min());
    }

    [Theory]
    [InlineData("encoder-decoder")]
    [InlineData("feedforward gated")]
    [InlineData("feedforward switch")]
    public void Weights_are_rounded_once_for_the_forward_and_the_backward_pass(string name)
    {
        Needed();
        using var scope = NewDisposeScope();
        float[] GradientsWhere(bool gone)
        {
            using var model = Twins.Randomised(Trees.Named(name).Build(Small), seed: 4);
            model.Precision = Precision.Bfloat16;
            var (inputs, targets) = (randint(2, Small.Vocabulary, [3, 9], int64), randint(2, Small.Vocabulary, [3, 9], int64));
            var loss = model.Loss(inputs, null, targets, new(0.1, 1e-3)).Sum;
            // Routers compute in float32 and need their weights themselves.
            foreach (var (_, weight) in model.named_parameters().Where(parameter => gone && parameter.name.Contains(".mixer.") && !parameter.name.Contains(".router.")))
                unsafe { new Span<float>(NativeCalls.Floats(weight), (int)weight.numel()).Fill(float.NaN); } // past libtorch, which would refuse
            using (Gradients.InPlace()) loss.backward();
            return [.. model.parameters().SelectMany(parameter => parameter.grad?.data<float>().ToArray() ?? [])];
        }
        Assert.Equal(GradientsWhere(gone: false), GradientsWhere(gone: true));
    }

    [Fact]
    public void Where_there_are_no_units_it_says_what_is_missing_and_what_to_take()
    {
        Assert.Equal(Precision.Float32, Products.Checked(Precision.Float32, "no units"));
        Assert.Equal(Precision.Bfloat16, Products.Checked(Precision.Bfloat16, null));
        var refused = Assert.Throws<InputException>(() => Products.Checked(Precision.Bfloat16, "no units")).ToString();
        Assert.Contains("no units", refused);
        Assert.Contains("float32", refused);
    }

    [Fact]
    public void A_processor_without_units_refuses()
    {
        using var model = new EncoderDecoder().Build(Small);
        if (Bfloat16.Lack is null) model.Precision = Precision.Bfloat16;
        else Assert.Throws<InputException>(() => model.Precision = Precision.Bfloat16);
    }

    private static void Needed() => Assert.SkipUnless(Bfloat16.Lack is null, Bfloat16.Lack ?? "");

    private static double Squared(float x) => (double)x * x;

    private static (float Loss, float[] Gradients) Run(LanguageModel model, Precision precision, bool plain)
    {
        manual_seed(9);
        (model.Precision, model.Plain) = (precision, plain);
        foreach (var parameter in model.parameters()) parameter.grad = null;
        var (inputs, targets) = (randint(2, Small.Vocabulary, [3, 9], int64), randint(2, Small.Vocabulary, [3, 9], int64));
        var loss = model.Loss(inputs, null, targets, new(0.1, 1e-3)).Sum;
        using (Gradients.InPlace()) loss.backward();
        return (loss.item<float>(), [.. model.parameters().SelectMany(parameter => parameter.grad?.data<float>().ToArray() ?? [])]);
    }
}
