using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Stranger.Tests;

/// <summary>A feed-forward that Allometry has never heard of: one square matrix.</summary>
[Kind("square"), Description("One square matrix.")]
public sealed record SquareFeedForward : FeedForward
{
    public override Cost Count(Place place, Setting setting)
    {
        double width = place.Shape.ModelWidth;
        return new Cost([new Weight("square.weight", [place.Shape.ModelWidth, place.Shape.ModelWidth])],
            ForwardFlops: 2 * setting.Tokens * width * width, DecodeFlops: 2 * setting.Batch * width * width, ActivationBytes: 4 * setting.Tokens * width);
    }

    public override Mixer Build(Place place) => new SquareModule(place);

    private sealed class SquareModule : Mixer
    {
        private readonly Projection square;

        public SquareModule(Place place) : base("square")
        {
            square = Projection.FanIn(place, place.Shape.ModelWidth, place.Shape.ModelWidth, WeightRole.FeedForward);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Context context) => square.forward(x);
    }
}

public sealed class StrangerTests
{
    private static readonly Shape Small = new(16, 32, 4, 2, 2, 2, 64);

    public StrangerTests() => Catalogue.Add(typeof(StrangerTests).Assembly);

    [Fact]
    public void A_strangers_feed_forward_is_named_in_yaml_counted_and_built_like_our_own()
    {
        var architecture = Reader.Read<Architecture>("{ kind: encoder-decoder, feed-forward: square }", "stranger.yaml");
        using var model = architecture.Build(Small);
        var built = model.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter.shape);
        var counted = architecture.Count(Small, new Setting()).Weights.ToDictionary(weight => weight.Name, weight => weight.Shape.ToArray());
        Assert.Equal(counted.OrderBy(pair => pair.Key, StringComparer.Ordinal), built.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(4, counted.Keys.Count(name => name.EndsWith("square.weight", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_model_with_a_strangers_feed_forward_learns_in_all_its_parameters()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = Reader.Read<Architecture>("{ kind: encoder-decoder, feed-forward: square }", "stranger.yaml").Build(Small);
        var ids = randint(2, 64, [2, 6], dtype: int64);
        model.Loss(ids, null, ids, new LossOptions()).Sum.backward();
        Assert.All(model.parameters(), parameter => Assert.True(parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0));
    }
}
