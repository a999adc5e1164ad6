using Allometry.Kernels;
using Allometry.Models;
using Allometry.Papers.Primer;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>The fused attention sublayer beside its plain twin; the stack's last norm is the library's in both.</summary>
public class AttentionKernelTests
{
    private static readonly Architecture Unplaced = new EncoderDecoder { Positions = new NoPositions() };

    // Of sequences of length 7, and of a memory of length 9.
    private static readonly Dictionary<string, StackCase> Known = new()
    {
        ["self"] = new(new SelfAttention()),
        ["self without positions"] = new(new SelfAttention()) { Architecture = Unplaced },
        ["causal"] = new(new SelfAttention()) { Causal = true },
        ["causal without positions"] = new(new SelfAttention()) { Causal = true, Architecture = Unplaced },
        ["prefix"] = new(new SelfAttention()) { Causal = true, Prefix = 3 },
        ["layer norm"] = new(new SelfAttention()) { Architecture = new EncoderDecoder { Norm = new LayerNorm() } },
        // Gradients of taps, behind a softmax, are up to 1.24 times the bound off on a processor with AVX2.
        ["convolutions"] = new(new SelfAttention(new MultiDConvHeadAttention())) { Causal = true, Slack = 2 },
        ["convolutions, queries of keys"] = new(new SelfAttention(new MultiDConvHeadAttention { SharedQueryKey = true, Taps = 2 })) { Causal = true, Slack = 2, Architecture = new EncoderDecoder { Norm = new PrimerNorm() } },
        ["cross"] = new(new CrossAttention()) { Memory = 9, Causal = true },
    };

    public static TheoryData<string> Names => [.. Known.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Any_length_and_head_width_gives_what_library_operations_give(string name)
    {
        foreach (var length in (int[])[1, 2, 15, 16, 17, 33, 129])
            foreach (var headWidth in (int[])[5, 16, 17, 24])
                (Known[name] with { Length = length, HeadWidth = headWidth, Width = headWidth + 4 }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void Keys_that_allow_few_queries_at_once_give_what_library_operations_give(string name)
    {
        foreach (var length in (int[])[300, 600])
            (Sized(name, length) with { Batch = 1, Heads = 2, Real = [length - 41] }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void One_sequence_of_one_token_with_one_head_gives_what_library_operations_give(string name) =>
        (Sized(name, 1) with { Batch = 1, Heads = 1, HeadWidth = 1, Width = 3 }).Agrees();

    [Theory, MemberData(nameof(Names))]
    public void Padding_is_not_seen(string name)
    {
        foreach (var length in (int[])[9, 16, 40])
            (Sized(name, length) with { Batch = 3, Real = [length, length - 5, 1] }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void Nor_is_padding_on_the_left(string name)
    {
        foreach (var length in (int[])[2, 9, 16])
            (Sized(name, length) with { Batch = 3, Real = [length, length - 1, 1], PaddedLeft = true }).AgreesInSinglePrecision();
    }

    [Theory, MemberData(nameof(Names))]
    public void Where_all_keys_are_padding_all_weigh_the_same(string name)
    {
        foreach (var length in (int[])[1, 9, 33])
            (Sized(name, length) with { Batch = 3, Real = [0, length, 0] }).AgreesInSinglePrecision();
    }

    [Theory, MemberData(nameof(Names))]
    public void Where_all_keys_are_padding_dropout_still_drops_the_same(string name) =>
        (Sized(name, 20) with { Real = [0, 12], Architecture = Known[name].Architecture with { Dropout = 0.3 } }).AgreesInSinglePrecision();

    [Theory, MemberData(nameof(Names))]
    public void Dropout_of_the_same_seed_drops_the_same(string name)
    {
        foreach (var batch in (int[])[1, 3])
            (Sized(name, 21) with { Batch = batch, Depth = 2, Architecture = Known[name].Architecture with { Dropout = 0.4 } }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void Layers_share_one_table_of_positions(string name) => (Known[name] with { Depth = 3 }).Agrees();

    [Theory, MemberData(nameof(Names))]
    public void Gradients_of_two_batches_add_up(string name) => (Known[name] with { Batches = 2, Real = [7, 4] }).Agrees();

    [Theory, MemberData(nameof(Names))]
    public void Frozen_weights_get_no_gradient_and_the_others_theirs(string name)
    {
        foreach (var frozen in (string[])["query", "key", "value", "output", "norm", "positions", "weight"])
            (Known[name] with { Frozen = frozen }).Agrees();
    }

    [Theory, MemberData(nameof(Names))]
    public void States_and_memory_need_not_want_a_gradient(string name) => (Known[name] with { Differentiated = false }).Agrees();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(40)]
    public void A_prefix_may_be_any_part_of_the_sequence(int prefix) => (Known["prefix"] with { Length = 33, Prefix = prefix }).Agrees();

    [Theory]
    [InlineData(1, 33)]
    [InlineData(33, 1)]
    [InlineData(130, 17)]
    [InlineData(3, 600)]
    public void A_memory_may_be_longer_or_shorter_than_the_sequence(int length, int memory) => (Known["cross"] with { Length = length, Memory = memory }).Agrees();

    [Theory]
    [InlineData(1e30f, true)]
    [InlineData(1e15f, false)]
    public void Scores_that_overflow_are_no_padding(float size, bool overflows)
    {
        using var scope = NewDisposeScope();
        Tensor Ones(int rows, int columns, float by = 1) => full([rows, columns], by, float32);
        // Every score is -size^2 * 4 * 4.
        var call = new AttentionCall(new(ones(4), 1e-6), Ones(4, 4, size), Ones(4, 4, -size), Ones(4, 4), Ones(4, 4), 1) { KeyMask = tensor(new[,] { { true, true, false } }) };
        var y = AttentionKernel.Run(ones(1, 3, 4).requires_grad_(), call);
        y.sum().backward();
        Assert.Equal(overflows, y.isnan().any().item<bool>());
    }

    private static StackCase Sized(string name, int length) => Known[name] with { Length = length, Memory = Known[name].Memory == 0 ? 0 : length };
}
