using Allometry.Kernels;
using Allometry.Models;
using Allometry.Tests.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>Wherever the gradients of a kernel's weights are asked for, they are the same.</summary>
public class GradientsTests
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, EncoderLayers: 2, DecoderLayers: 2, Vocabulary: 40);

    [Theory, MemberData(nameof(Trees.WithoutChoice), MemberType = typeof(Trees))]
    public void Autograd_is_given_what_is_else_added_in_place(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Twins.Randomised(Trees.Named(name).Build(Small), seed: 4);
        Loss(model).backward();
        var parameters = model.parameters().Where(parameter => parameter.grad is not null).ToArray(); // a pooler, say, is no part of the loss, and libtorch ends the process where autograd.grad is asked for it
        foreach (var parameter in parameters) parameter.grad = null;
        var given = autograd.grad([Loss(model)], parameters);
        Assert.All(parameters, parameter => Assert.Null(parameter.grad));
        Loss(model).backward();
        Same(given, parameters);
        using (Gradients.InPlace())
        {
            foreach (var parameter in parameters) parameter.grad = null;
            Loss(model).backward();
        }
        Same(given, parameters);
    }

    [Fact]
    public void Weights_that_are_computed_pass_their_gradients_on()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        Tensor Leaf(params long[] sizes) => randn(sizes).requires_grad_();
        var (x, memory) = (Leaf(2, 7, 12), Leaf(2, 5, 12));
        Tensor[] leaves = [Leaf(12), Leaf(20, 12), Leaf(20, 12), Leaf(12, 20), Leaf(12), Leaf(15, 12), Leaf(15, 12), Leaf(15, 12), Leaf(12, 15), Leaf(12), Leaf(30, 12)];
        Tensor Run(Tensor[] w)
        {
            var y = FeedForwardKernel.Run(x, new(new(w[0], 1e-6), w[1], w[2], w[3], Elementwise.Gelu));
            y = AttentionKernel.Run(y, new(new(w[4], 1e-6), w[5], w[6], w[7], w[8], 3) { Memory = memory });
            y = NormKernel.Run(y + EmbeddingKernel.Run(arange(14, int64).view(2, 7), w[10]), new(w[9], 1e-6));
            return LossKernel.Run(y.view(14, 12), w[10], arange(14, int64), 0.1, 1e-3).Loss;
        }
        Run(leaves).backward();
        var expected = leaves.Select(leaf => leaf.grad!.clone()).ToList();
        foreach (var leaf in leaves) leaf.grad = null;
        using (Gradients.InPlace()) Run([.. leaves.Select(leaf => 0.5 * (leaf + leaf))]).backward();
        foreach (var (gradient, leaf) in expected.Zip(leaves)) Assert.Equal(0f, (gradient - leaf.grad!).abs().max().item<float>());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void What_an_operation_kept_is_let_go_of_where_its_graph_is_gone_through_once(bool once)
    {
        using var scope = NewDisposeScope();
        var x = ones(3).requires_grad_();
        var seen = new List<bool>();
        var y = Keeping.Run(x, seen);
        using (once ? Gradients.InPlace() : null) y.sum().backward();
        Assert.Equal([!once], seen);
        Assert.Equal(2f, x.grad!.sum().item<float>() / 3);
    }

    /// <summary>2 x, and whether what it keeps can still be read a second time.</summary>
    private sealed class Keeping : autograd.SingleTensorFunction<Keeping>
    {
        public override string Name => "Keeping";

        public static Tensor Run(Tensor x, List<bool> seen) => apply(x, seen);

        public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
        {
            context.Save(arguments[1], (Tensor)arguments[0], full(3, 2f));
            return 2 * (Tensor)arguments[0];
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            var (seen, saved) = context.Restore<List<bool>>();
            seen.Add(Record.Exception(() => context.Restore<List<bool>>()) is null);
            return SavedTensors.Return([gradient * saved[1]!, null]);
        }
    }

    [Fact]
    public void A_second_backward_pass_gives_the_same_once_more()
    {
        using var scope = NewDisposeScope();
        using var model = Twins.Randomised(new EncoderDecoder { Dropout = 0.1 }.Build(Small), seed: 4);
        var parameters = model.parameters().ToArray();
        var loss = Loss(model);
        var first = autograd.grad([loss], parameters, retain_graph: true);
        var second = autograd.grad([0.5 * loss], parameters, retain_graph: true);
        foreach (var (once, half) in first.Zip(second)) Assert.Equal((0.5 * once).bytes, half.bytes);
        loss.backward(retain_graph: true);
        loss.backward();
        foreach (var (once, parameter) in first.Zip(parameters)) Assert.InRange(((2 * once) - parameter.grad!).abs().max().item<float>(), 0, 1e-6f * once.abs().max().item<float>());
    }

    [Fact]
    public void Gradients_that_kernels_cannot_write_to_are_added_to_all_the_same()
    {
        using var scope = NewDisposeScope();
        using var model = Twins.Randomised(new EncoderDecoder().Build(Small), seed: 4);
        var expected = autograd.grad([Loss(model)], model.parameters().ToArray());
        foreach (var parameter in model.parameters()) parameter.grad = parameter.dim() == 2 ? ones(parameter.size(1), parameter.size(0)).t() : ones_like(parameter);
        using (Gradients.InPlace()) Loss(model).backward();
        foreach (var (gradient, parameter) in expected.Zip(model.parameters()))
            Assert.InRange((gradient + 1 - parameter.grad!).abs().max().item<float>(), 0, 1e-5f * gradient.abs().max().item<float>());
    }

    private static Tensor Loss(LanguageModel model)
    {
        manual_seed(9);
        var (inputs, targets) = (randint(2, Small.Vocabulary, [3, 9], int64), randint(2, Small.Vocabulary, [3, 9], int64));
        return model.Loss(inputs, null, targets, new(0.1, 1e-3)).Sum;
    }

    private static void Same(IEnumerable<Tensor> given, IEnumerable<Parameter> parameters)
    {
        foreach (var (gradient, parameter) in given.Zip(parameters))
            Assert.InRange((gradient - parameter.grad!).abs().max().item<float>(), 0, 1e-5f * gradient.abs().max().item<float>());
    }
}
