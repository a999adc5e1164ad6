using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>Experts of like sizes.</summary>
internal sealed class Bank : nn.Module
{
    public static readonly Dictionary<string, FeedForward> Known = Catalogue.Of(typeof(Activation)).Where(entry => ((Activation)entry.Default()).Kernel is not null).SelectMany(entry => new (string, FeedForward)[]
    {
        ($"dense {entry.Name}", new DenseFeedForward { Activation = (Activation)entry.Default() }),
        ($"gated {entry.Name}", new GatedFeedForward { Activation = (Activation)entry.Default() }),
    }).ToDictionary();

    private readonly TorchSharp.Modules.ModuleList<Mixer> experts;

    public Bank(FeedForward choice, int width, int hidden, int count, double dropout) : base("bank")
    {
        var place = new Place(new EncoderDecoder { Dropout = dropout }, new Shape(width, hidden, 1, 1, 1, 1, 10));
        experts = new([.. Enumerable.Range(0, count).Select(_ => choice.Build(place))]);
        RegisterComponents();
    }

    public IReadOnlyList<Mixer> Experts => [.. experts];

    public IReadOnlyList<FeedForwardWeights> Weights => [.. experts.Select(expert => expert.KernelWeights!)];
}
