using Allometry.Kernels;
using Allometry.Models;
using Allometry.Papers.Switch;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>The norm before experts and their router's weight.</summary>
internal sealed class Router : nn.Module
{
    private readonly nn.Module<Tensor, Tensor> norm;
    private readonly Projection projection;

    public Router(Norm choice, int width, int experts) : base("router")
    {
        var place = new Place(new EncoderDecoder(), new Shape(width, 1, 1, 1, 1, 1, 10));
        (norm, projection) = (choice.Build(place), new Projection(place, width, experts, new Beginning(WeightRole.Router, 1)));
        RegisterComponents();
    }

    public RowNormModule Norm => (RowNormModule)norm;

    public Tensor Weight => projection.Weight;

    public (Tensor Normed, Tensor Probabilities, Tensor? Denominators) ByLibrary(Tensor x, Noise? jitter)
    {
        var normed = norm.forward(x).view(-1, x.size(-1));
        var (probabilities, denominators) = Routing.Softmax(projection.forward(jitter is null ? normed : normed * jitter.Like(normed)));
        return (normed, probabilities, denominators);
    }
}
