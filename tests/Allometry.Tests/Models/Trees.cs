using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.LongT5;
using Allometry.Papers.PeterRec;
using Allometry.Papers.Switch;

namespace Allometry.Tests.Models;

/// <summary>An architecture for everything that YAML can name below one, for tests that hold for all of them.</summary>
public static class Trees
{
    private static readonly Dictionary<string, Architecture> Known = Make().ToDictionary(tree => tree.Name, tree => tree.Architecture);

    public static TheoryData<string> Names => [.. Known.Keys];

    /// <summary>Those that write text.</summary>
    public static TheoryData<string> Writers => [.. Known.Where(tree => tree.Value is not EncoderOnly).Select(tree => tree.Key)];

    /// <summary>Those in which no token chooses where it goes: there rounding may choose otherwise, and what is chosen by nobody has no part in the loss.</summary>
    public static TheoryData<string> WithoutChoice => [.. Known.Where(tree => !Chooses(tree.Value)).Select(tree => tree.Key)];

    /// <summary>Whether a token uses only a part of some weight.</summary>
    private static bool Chooses(Architecture architecture) => architecture.Count(new Shape(16, 32, 8, 2, 2, 2, 32), new()) is var sheet && sheet.ActiveParameters < sheet.Parameters;

    public static Architecture Named(string name) => Known[name];

    private static IEnumerable<(string Name, Architecture Architecture)> Make()
    {
        var t5 = new EncoderDecoder();
        foreach (var entry in Catalogue.Of(typeof(Architecture)))
            yield return ($"{entry.Name}", (Architecture)entry.Default());
        yield return ("prefix", new DecoderOnly { Prefix = true });
        yield return ("decoder-only without positions", new DecoderOnly { Positions = new NoPositions() });
        foreach (var placement in Enum.GetValues<NormPlacement>())
            yield return ($"placement {placement}", t5 with { Encoder = Stack.Of(new SelfAttention { Placement = placement }, new FeedForwardSublayer { Placement = placement }) });
        yield return ("a pattern of two layers", t5 with { Decoder = new Stack([[new SelfAttention(), new CrossAttention()], [new FeedForwardSublayer(new GatedFeedForward())]]) });
        foreach (var (name, attention) in All<Attention>())
            yield return (name, attention.CausalOnly ? new DecoderOnly { Attention = attention } : t5 with { Encoder = Stack.Of(new SelfAttention(attention), new FeedForwardSublayer()) });
        foreach (var (name, feedForward) in All<FeedForward>())
            yield return (name, t5 with { FeedForward = feedForward });
        yield return ("one expert", t5 with { FeedForward = new SwitchFeedForward(1, ZWeight: 1e-3) }); // without a loss of its own the router of one is never told anything
        foreach (var near in (WindowedAttention[])[new LocalAttention { Radius = 2 }, new TransientGlobalAttention { Radius = 2, BlockSize = 3 }])
            yield return ($"{Catalogue.NameOf((Attention)near)} of short reach", t5 with { Encoder = Stack.Of(new SelfAttention(near), new FeedForwardSublayer()) });
        yield return ("dense with biases", t5 with { FeedForward = new DenseFeedForward { Biased = true } });
        yield return ("gated with biases", t5 with { FeedForward = new GatedFeedForward { Biased = true } });
        foreach (var (name, activation) in All<Activation>())
        {
            yield return ($"dense {name}", t5 with { FeedForward = new DenseFeedForward { Activation = activation } });
            yield return ($"gated {name}", t5 with { FeedForward = new GatedFeedForward { Activation = activation } });
        }
        foreach (var (name, norm) in All<Norm>())
            yield return (name, t5 with { Norm = norm });
        foreach (var (name, positions) in All<Positions>())
            yield return (name, t5 with { Positions = positions });
        yield return ("patches", t5 with { Patch = new Bottleneck(5) });
        foreach (var sites in Enum.GetValues<PatchSites>())
            yield return ($"convolution blocks {sites}", new DecoderOnly
            {
                Norm = new NoNorm(),
                Positions = new NoPositions(),
                Tied = false,
                Decoder = new Stack([[new ConvolutionBlock(1)], [new ConvolutionBlock(4)]]),
                Patch = new ConvolutionPatch(3, sites),
            });
        yield return ("convolution blocks of an encoder", new EncoderOnly { Norm = new NoNorm(), Positions = new NoPositions(), Encoder = Stack.Of(new ConvolutionBlock(2)) });
        foreach (var (name, initialisation) in All<Initialisation>())
            yield return (name, t5 with { Initialisation = initialisation, Tied = false });
    }

    private static IEnumerable<(string Name, T Value)> All<T>() =>
        Catalogue.Of(typeof(T)).Select(entry => ($"{typeof(T).Name.ToLowerInvariant()} {entry.Name}", (T)entry.Default()));
}
