using System.Text.Json.Nodes;
using Allometry.Costs;
using Allometry.Models;
using Allometry.Papers.PeterRec;
using Allometry.Tests.Golden;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.PeterRec;

/// <summary>PeterRec's residual block with each kind of patch, against the worked numbers, in double precision and in single.</summary>
public class BlockTests
{
    private static JsonNode Golden => Goldens.Json("peterrec-block.json");

    public static TheoryData<string> Variants => [.. Golden["variants"]!.AsObject().Select(variant => variant.Key)];

    [Theory, MemberData(nameof(Variants))]
    public void Outputs_loss_and_gradients_are_the_worked_ones(string name)
    {
        foreach (var (type, tolerance) in ((ScalarType, double)[])[(float64, 1e-8), (float32, 1e-5)])
        {
            using var scope = NewDisposeScope();
            var (golden, expected) = (Golden, Golden["variants"]![name]!);
            using var block = Filled(golden, name, type);
            int[] sizes = [Int("B"), Int("L"), Int("d")];
            int Int(string member) => golden["config"]![member]!.GetValue<int>();
            var count = sizes[0] * sizes[1] * sizes[2];
            var x = tensor(Enumerable.Range(1, count).Select(i => Math.Sin(i)).ToArray(), type).view(sizes[0], sizes[1], sizes[2]).requires_grad_();
            var weights = tensor(Enumerable.Range(1, count).Select(i => Math.Cos(i)).ToArray(), type).view_as(x);
            using var context = new Context(new Pass());
            var y = x + block.forward(x, context);
            var loss = (y * weights).sum();
            loss.backward();

            void Close(JsonNode numbers, Tensor actual) => Assert.All(numbers.AsArray().Select(number => number!.GetValue<double>()).Zip(actual.to(float64).flatten().data<double>().ToArray()),
                pair => Assert.InRange(pair.Second - pair.First, -tolerance * Math.Max(1, Math.Abs(pair.First)), tolerance * Math.Max(1, Math.Abs(pair.First))));
            Close(expected["out"]!, y.detach());
            Assert.Equal(expected["loss"]!.GetValue<double>(), loss.to(float64).item<double>(), 10 * tolerance);
            if (expected["grad_x"] is { } gradient) Close(gradient, x.grad!);
            var parameters = Theirs(block);
            foreach (var (theirs, numbers) in expected["grad"]?.AsObject() ?? []) Close(numbers!, parameters[theirs].grad!);
            foreach (var (theirs, sum) in expected["grad_conv_sum_abs"]?.AsObject() ?? [])
                Assert.Equal(1, parameters[theirs].grad!.abs().sum().to(float64).item<double>() / sum!.GetValue<double>(), 10 * tolerance);
        }
    }

    [Fact]
    public void A_position_changes_those_after_it_where_causal_and_all_within_reach_where_not()
    {
        var golden = Golden;
        var moved = golden["causality"]!["perturbed_t"]!.GetValue<int>();
        foreach (var (name, positions) in golden["causality"]!["changed_positions"]!.AsObject())
        {
            using var scope = NewDisposeScope();
            using var still = no_grad();
            using var block = Filled(golden, name, float32);
            var x = tensor(Enumerable.Range(1, 48).Select(i => MathF.Sin(i)).ToArray()).view(2, 6, 4);
            var changed = x.clone();
            changed[.., moved] += 1;
            using var context = new Context(new Pass());
            var differs = (x + block.forward(x, context)).ne(changed + block.forward(changed, context)).any(2).any(0);
            Assert.Equal(positions!.AsArray().Select(position => position!.GetValue<int>()), Enumerable.Range(0, 6).Where(t => differs[t].item<bool>()));
        }
    }

    [Fact]
    public void Branches_that_give_zero_leave_the_block_as_it_was_but_for_the_parallel_ones_with_a_skip()
    {
        var golden = Golden;
        foreach (var (sites, difference) in golden["zero_up_max_abs_diff_vs_none"]!.AsObject())
        {
            using var scope = NewDisposeScope();
            using var still = no_grad();
            using var plain = Filled(golden, "causal/none", float64);
            using var patched = Filled(golden, $"causal/{sites}", float64);
            foreach (var (name, parameter) in Theirs(patched))
                if (name.Contains(".up.")) parameter.zero_();
            var x = tensor(Enumerable.Range(1, 48).Select(i => Math.Sin(i)).ToArray()).view(2, 6, 4);
            using var context = new Context(new Pass());
            Assert.Equal(difference!.GetValue<double>(), (plain.forward(x, context) - patched.forward(x, context)).abs().max().item<double>(), 1e-8);
        }
    }

    [Theory] // peterrec.md section 2: blocks, patches and second norms of eight blocks
    [InlineData(64, 16, 199_680, 34_048)]
    [InlineData(64, 8, 199_680, 17_536)]
    [InlineData(256, 64, 3_158_016, 529_408)]
    [InlineData(256, 32, 3_158_016, 266_752)]
    public void Eight_blocks_and_their_patches_have_the_published_numbers_of_parameters(int width, int bottleneck, long blocks, long patches)
    {
        var stack = new Stack([[new ConvolutionBlock(1)], [new ConvolutionBlock(4)]]);
        long Count(Patch? patch) => stack.Count("decoder", 8, new Place(Architecture with { Patch = patch }, Of(width), Causal: true), new Setting()).Parameters;
        Assert.Equal(blocks, Count(null));
        Assert.Equal(blocks + patches, Count(new ConvolutionPatch(bottleneck)));
    }

    private static DecoderOnly Architecture { get; } = new() { Norm = new NoNorm(), Positions = new NoPositions() };

    private static Shape Of(int width) => new(width, 4, 4, 1, 0, 1, 10);

    /// <summary>The block of a variant such as causal/serial2, filled as the file says; those without patches count theirs all the same.</summary>
    private static ConvolutionBlockModule Filled(JsonNode golden, string variant, ScalarType type)
    {
        var (causal, sites) = (variant.StartsWith("causal/"), variant.Split('/')[1]);
        Patch? patch = sites == "none" ? null : new ConvolutionPatch(golden["config"]!["k"]!.GetValue<int>(), Sites(sites));
        var place = new Place(Architecture with { Patch = patch }, Of(golden["config"]!["d"]!.GetValue<int>()), causal);
        var block = new ConvolutionBlockModule(new ConvolutionBlock(golden["config"]!["dilation"]!.GetValue<int>()), place);
        block.to(type);
        var parameters = Theirs(block);
        var counter = 0;
        using var still = no_grad();
        foreach (var name in golden["param_order"]!.AsArray().Select(name => name!.GetValue<string>()))
        {
            var sizes = golden["param_shapes"]![name]!.AsArray().Select(size => size!.GetValue<long>()).ToArray();
            var values = tensor(Enumerable.Range(1, (int)sizes.Aggregate(1L, (product, size) => product * size)).Select(i => (0.1 * Math.Sin(counter + i)) + (name.EndsWith(".g") ? 1 : 0)).ToArray()).view(sizes);
            counter += (int)values.numel();
            if (parameters.TryGetValue(name, out var parameter)) parameter.copy_(sizes.Length == 3 ? values.transpose(1, 2).reshape(parameter.shape) : values); // [out, in, tap] there
        }
        return block;
    }

    private static PatchSites Sites(string name) => Enum.Parse<PatchSites>(name.Replace("_", ""), ignoreCase: true);

    /// <summary>Our parameters by the names in the file.</summary>
    private static Dictionary<string, Parameter> Theirs(ConvolutionBlockModule block) => block.named_parameters().ToDictionary(
        parameter => parameter.name.Replace("first", "1.").Replace("second", "2.") is var name && name.Split('.') is [var site, var part, .. var rest]
            ? $"{(part == "convolution" ? "conv" : part == "norm" ? "ln" : "mp")}{site}.{string.Join('.', rest.Select(word => part == "norm" && word == "weight" ? "g" : word == "weight" ? "w" : word == "bias" ? "b" : word))}"
            : name,
        parameter => parameter.parameter);
}
