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
