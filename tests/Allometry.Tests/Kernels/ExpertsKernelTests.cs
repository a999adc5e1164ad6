using Allometry.Kernels;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>Experts, each with its own rows, beside one library feed-forward after the other.</summary>
public class ExpertsKernelTests
{
    public static TheoryData<string> Names => [.. Bank.Known.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Any_numbers_of_rows_give_what_library_operations_give(string name)
    {
        foreach (var counts in (int[][])[[1], [3, 1], [0, 5, 0, 17], [64, 0, 65], [33, 129, 1, 0]]) Agrees(name, 20, 37, counts);
    }

    [Theory, MemberData(nameof(Names))]
    public void Any_width_gives_what_library_operations_give(string name)
    {
        foreach (var (width, hidden) in ((int, int)[])[(2, 1), (16, 16), (17, 64), (65, 130)]) Agrees(name, width, hidden, [7, 0, 9]);
    }

    [Theory, MemberData(nameof(Names))]
    public void More_rows_than_the_backward_pass_holds_at_once_give_what_library_operations_give(string name) => Agrees(name, 12, 20, [2100, 3]);

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Threads_that_share_an_expert_give_what_library_operations_give(int threads)
    {
        using var team = new Threads(threads);
        foreach (var counts in (int[][])[[2], [700], [90, 1, 800], [0, 1500, 2, 0, 3], [7, 7, 7, 7]])
            foreach (var name in (string[])["dense relu", "gated gelu"]) Agrees(name, 12, 20, counts, dropout: 0.2);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_residual_and_the_dropout_of_what_experts_give_are_part_of_it(string name) => Agrees(name, 12, 20, [5, 0, 41], residual: true);

    [Theory, MemberData(nameof(Names))]
    public void A_row_may_have_one_gate_for_whichever_expert_takes_it(string name) => Agrees(name, 12, 20, [5, 0, 41], residual: true, oneGate: true);

    [Theory, MemberData(nameof(Names))]
    public void Hidden_values_are_dropped_row_by_row(string name) => Agrees(name, 12, 20, [5, 0, 40], dropout: 0.4);

    [Fact]
    public void An_expert_without_rows_gets_no_gradient()
    {
        using var scope = NewDisposeScope();
        using var bank = new Bank(Bank.Known["dense relu"], 4, 8, 3, 0);
        ExpertsKernel.Run(null, randn(2, 4), ones(2, 3), new(bank.Weights, [0, 1], [1, 1, 2])).sum().backward();
        Assert.Equal([true, false, true], bank.Weights.Select(expert => expert.Input.grad is not null));
    }

    private static void Agrees(string name, int width, int hidden, int[] counts, double dropout = 0, bool residual = false, bool oneGate = false)
    {
        using var bank = Twins.Randomised(new Bank(Bank.Known[name], width, hidden, counts.Length, dropout), seed: 5);
        int[] ends = [.. counts.Select((_, i) => counts[..(i + 1)].Sum())];
        Twins.Agree(bank, way =>
        {
            manual_seed(7);
            var (x, gates) = (way.Of(randn(ends[^1] + 2, width).requires_grad_()), way.Of(rand(ends[^1] + 2, oneGate ? 1 : counts.Length).requires_grad_()));
            long[] rows = [.. randperm(ends[^1] + 2, generator: new TorchSharp.torch.Generator(3)).data<long>().Take(ends[^1])]; // two rows have no expert
            using var context = new Context(new Pass());
            var present = counts.Index().Where(expert => expert.Item > 0).ToList();
            Tensor Masks() => cat([.. present.Select(expert => new Dropout(dropout).Mask(true, x, expert.Item, hidden)!)]).squeeze(1);
            Tensor Each(int expert) => Gates(expert) * bank.Experts[expert].forward(x.index_select(0, tensor(rows[(ends[expert] - counts[expert])..ends[expert]])).unsqueeze(1), context).squeeze(1);
            Tensor Gates(int expert) => gates.select(1, oneGate ? 0 : expert).index_select(0, tensor(rows[(ends[expert] - counts[expert])..ends[expert]])).unsqueeze(1);
            var (before, mask) = (residual ? way.Of(randn(x.shape).requires_grad_()) : null, residual ? way.Of(rand(x.size(0) / 2, 1, width)) : null); // sequences of two
            var y = way.Plain
                ? zeros_like(x).index_copy(0, tensor(rows), cat([.. present.Select(expert => Each(expert.Index))]))
                : ExpertsKernel.Run(before, x, gates, new(bank.Weights, rows, ends) { HiddenMask = dropout > 0 ? Masks() : null, OutputMask = mask, Length = 2 });
            if (way.Plain && before is not null) y = before + (y * mask!.repeat_interleave(2, 0).squeeze(1));
            Twins.Weighed(y, way).backward();
            return new() { ["output"] = y, ["gradient of input"] = x.grad, ["gradient of gates"] = gates.grad, ["gradient of what was before"] = before?.grad };
        });
    }
}
