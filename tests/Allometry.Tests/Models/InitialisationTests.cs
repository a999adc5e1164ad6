using Allometry.Models;
using Allometry.Native;
using static TorchSharp.torch;

namespace Allometry.Tests.Models;

public class InitialisationTests
{
    private const int Height = 400, Width = 500;

    public static TheoryData<Initialisation, WeightRole, double> Normal => new()
    {
        { new MeshInitialisation(), WeightRole.Embedding, 0.7 },
        { new MeshInitialisation(), WeightRole.Attention, 0.05 },
        { new HuggingFaceInitialisation(), WeightRole.Embedding, 1 },
        { new HuggingFaceInitialisation(), WeightRole.Attention, 0.05 },
        { new HuggingFaceInitialisation(), WeightRole.FeedForward, 0.05 },
        { new HuggingFaceInitialisation(), WeightRole.PositionBias, 0.05 },
    };

    [Theory, MemberData(nameof(Normal))]
    public void Normal_weights_have_their_deviation_and_the_tails_of_a_normal_distribution(Initialisation rule, WeightRole role, double deviation)
    {
        var values = Drawn(rule, role, deviation);
        Assert.InRange(Deviation(values), 0.99 * deviation, 1.01 * deviation);
        Assert.InRange(ShareWithin(values, deviation), 0.6827 - 0.005, 0.6827 + 0.005);
        Assert.InRange(ShareWithin(values, 3 * deviation), 0.9973 - 0.001, 0.9973 + 0.001);
    }

    // The deviation of a normal distribution cut at two is sqrt(1 - 4 phi(2) / erf(sqrt 2)) = 0.87963; the share within one is erf(1 / sqrt 2) / erf(sqrt 2) = 0.71524.
    [Theory]
    [InlineData(WeightRole.FeedForward, 0.0884)]
    [InlineData(WeightRole.Head, 0.04)]
    public void Mesh_cuts_feed_forward_and_head_at_two_deviations_without_correcting_the_variance(WeightRole role, double deviation)
    {
        var values = Drawn(new MeshInitialisation(), role, deviation);
        Assert.InRange(Deviation(values), 0.99 * 0.87963 * deviation, 1.01 * 0.87963 * deviation);
        Assert.InRange(ShareWithin(values, deviation), 0.71524 - 0.005, 0.71524 + 0.005);
        Assert.InRange(values.Max(), 1.95 * deviation, 2.0001 * deviation);
        Assert.InRange(values.Min(), -2.0001 * deviation, -1.95 * deviation);
    }

    [Fact]
    public void Mesh_draws_position_biases_uniformly_by_Glorot()
    {
        var values = Drawn(new MeshInitialisation(), WeightRole.PositionBias, 0.5);
        var limit = Math.Sqrt(6.0 / (Height + Width));
        Assert.InRange(values.Max(), 0.99 * limit, 1.0001 * limit);
        Assert.InRange(ShareWithin(values, limit / 2), 0.49, 0.51);
    }

    [Fact]
    public void Hugging_Faces_head_starts_at_one_whatever_its_width() =>
        Assert.InRange(Deviation(Drawn(new HuggingFaceInitialisation(), WeightRole.Head, 0.04)), 0.99, 1.01);

    [Fact]
    public void Scales_start_at_one()
    {
        Assert.All(Drawn(new MeshInitialisation(), WeightRole.Scale, 3), value => Assert.Equal(1, value));
        Assert.All(Drawn(new HuggingFaceInitialisation(), WeightRole.Scale, 3), value => Assert.Equal(1, value));
    }

    [Fact]
    public void No_two_rows_of_any_fresh_matrix_are_alike()
    {
        using var model = new EncoderDecoder().Build(new Shape(16, 48, 8, 2, 2, 2, 64));
        foreach (var (name, matrix) in model.named_parameters().Where(parameter => parameter.parameter.dim() == 2))
            Assert.True(Rows(matrix).Distinct().Count() == matrix.size(0), $"{name} has equal rows");

        static IEnumerable<string> Rows(Tensor matrix) => matrix.data<float>().ToArray().Chunk((int)matrix.size(1)).Select(row => string.Join(' ', row));
    }

    private static float[] Drawn(Initialisation rule, WeightRole role, double deviation)
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(7);
        var weight = empty(Height, Width);
        rule.Fill(weight, new Beginning(role, deviation));
        var values = weight.data<float>().ToArray();
        Assert.InRange(values.Average(), -0.01 * Math.Max(1, deviation), role == WeightRole.Scale ? 1 : 0.01);
        return values;
    }

    private static double Deviation(float[] values) => Math.Sqrt(values.Average(value => (double)value * value));

    private static double ShareWithin(float[] values, double limit) => values.Count(value => Math.Abs(value) <= limit) / (double)values.Length;
}
