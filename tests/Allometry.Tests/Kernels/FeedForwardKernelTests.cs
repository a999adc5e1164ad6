using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Tests.Kernels;

/// <summary>The fused feed-forward sublayer beside its plain twin; the stack's last norm is the library's in both.</summary>
public class FeedForwardKernelTests
{
    private static readonly Dictionary<string, FeedForward> Known = Catalogue.Of(typeof(Activation)).Where(entry => ((Activation)entry.Default()).Kernel is not null).SelectMany(entry => new (string, FeedForward)[]
    {
        ($"dense {entry.Name}", new DenseFeedForward { Activation = (Activation)entry.Default() }),
        ($"gated {entry.Name}", new GatedFeedForward { Activation = (Activation)entry.Default() }),
        ($"dense {entry.Name} with biases", new DenseFeedForward { Activation = (Activation)entry.Default(), Biased = true }),
        ($"gated {entry.Name} with biases", new GatedFeedForward { Activation = (Activation)entry.Default(), Biased = true }),
    }).ToDictionary();

    public static TheoryData<string> Names => [.. Known.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Any_length_gives_what_library_operations_give(string name)
    {
        foreach (var length in (int[])[1, 2, 15, 16, 17, 33, 129])
            (Case(name) with { Length = length }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void Any_width_gives_what_library_operations_give(string name)
    {
        foreach (var (width, hidden) in ((int, int)[])[(3, 2), (5, 3), (16, 16), (17, 64), (24, 17), (65, 130)])
            (Case(name) with { Width = width, Hidden = hidden }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void One_row_gives_what_library_operations_give(string name) => (Case(name) with { Batch = 1, Length = 1 }).Agrees();

    [Theory, MemberData(nameof(Names))]
    public void More_rows_than_the_backward_pass_holds_at_once_give_what_library_operations_give(string name) => (Case(name) with { Batch = 3, Length = 701 }).Agrees();

    [Theory, MemberData(nameof(Names))]
    public void Dropout_of_the_same_seed_drops_the_same(string name)
    {
        foreach (var batch in (int[])[1, 3])
            (Case(name) with { Architecture = new EncoderDecoder { Dropout = 0.4 }, Batch = batch, Length = 33, Depth = 2 }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradients_of_two_batches_add_up(string name) => (Case(name) with { Batches = 2, Architecture = new EncoderDecoder { Dropout = 0.2 } }).Agrees();

    [Theory, MemberData(nameof(Names))]
    public void Frozen_weights_get_no_gradient_and_the_others_theirs(string name)
    {
        foreach (var frozen in (string[])["input", "gate", "output", "norm", "weight"])
            (Case(name) with { Frozen = frozen }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void States_need_not_want_a_gradient(string name) => (Case(name) with { Differentiated = false }).Agrees();

    [Theory, MemberData(nameof(Names))]
    public void With_a_norm_that_subtracts_the_mean_it_gives_what_library_operations_give(string name)
    {
        var centred = new EncoderDecoder { Norm = new LayerNorm() };
        foreach (var (width, length) in ((int, int)[])[(3, 1), (5, 33), (16, 2), (17, 16), (40, 129)])
            (Case(name) with { Architecture = centred, Width = width, Length = length }).Agrees();
        (Case(name) with { Architecture = centred with { Dropout = 0.3 }, Batch = 3, Batches = 2, Depth = 2, Frozen = "norm" }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void With_the_norm_behind_it_it_gives_what_library_operations_give(string name)
    {
        foreach (var norm in (Norm[])[new RootMeanSquareNorm(), new LayerNorm()])
            foreach (var length in (int[])[1, 16, 701])
                new StackCase(new FeedForwardSublayer(Known[name]) { Placement = NormPlacement.Output }) { Architecture = new EncoderDecoder { Norm = norm }, Batch = 3, Length = length }.Agrees();
        new StackCase(new FeedForwardSublayer(Known[name]) { Placement = NormPlacement.Output }) { Architecture = new EncoderDecoder { Dropout = 0.3 }, Depth = 2, Batches = 2 }.Agrees();
    }

    private static StackCase Case(string name) => new(new FeedForwardSublayer(Known[name]));
}
