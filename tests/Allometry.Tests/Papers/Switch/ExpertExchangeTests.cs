using Allometry.Benchmarks;
using Allometry.Models;
using Allometry.Papers.Switch;
using Allometry.Ranks;
using Allometry.Tests.Ranks;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Switch;

/// <summary>Experts that several processes divide among themselves, against one that has them all.</summary>
public class ExpertExchangeTests
{
    private static readonly BenchShape Small = new(new Shape(16, 24, 4, 2, 2, 2, 60), Batch: 12, InputLength: 14, TargetLength: 8);

    [Theory]
    [InlineData(2, 4, 1, false, false)]
    [InlineData(2, 5, 2, false, false)]
    [InlineData(3, 4, 1, true, false)]
    [InlineData(3, 2, 1, false, false)] // one of them has no expert
    [InlineData(2, 4, 1, false, true)]
    public void Peers_take_the_steps_of_one_with_balance_and_drops(int count, int experts, int parts, bool plain, bool recompute)
    {
        var one = ThreadPeers.Run(1, _ => Trained(experts, parts, Peers.Alone, plain, recompute: false))[0];
        var all = ThreadPeers.Run(count, peers => Trained(experts, parts, peers, plain, recompute));
        Assert.All(all, peer =>
        {
            Assert.All(one.Steps.Zip(peer.Steps), pair =>
            {
                Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-6);
                Assert.Equal(pair.First.GradientNorm, pair.Second.GradientNorm, 1e-5 * pair.First.GradientNorm);
                Assert.Equal(pair.First.Layers.Keys.Order(), pair.Second.Layers.Keys.Order());
                Assert.All(pair.First.Layers, layer => Assert.Equal(layer.Value, pair.Second.Layers[layer.Key], 1e-5));
            });
            Assert.Equal(one.HeldOut, peer.HeldOut, 1e-6); // of experts that are still where they live
            Assert.NotEqual(peer.Values, peer.Before);
            Assert.All(one.Values.Zip(peer.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            Assert.Equal(all[0].Values, peer.Values);
        });
        Assert.Contains(one.Steps, step => step.Layers.Any(layer => layer.Key.EndsWith("/dropped", StringComparison.Ordinal) && layer.Value > 0));
    }

    [Fact]
    public void Rows_come_to_their_experts_and_what_those_make_of_them_comes_back()
    {
        // Expert e of 5 multiplies by e + 1; 3 processes have 2, 2 and 1 of them.
        var results = ThreadPeers.Run(3, peers =>
        {
            using var scope = NewDisposeScope();
            int[] choices = peers.Rank switch { 0 => [4, 0, 2, 4], 1 => [3, 3, 0, 1], _ => [1, 1, 1, 1] };
            var probabilities = choices.SelectMany(choice => Enumerable.Range(0, 5).Select(expert => expert == choice ? 0.6 : 0.1)).ToArray();
            var dispatch = Dispatch.Of(probabilities, 5, [], 4, 1, (_, _) => 3); // of the last four rows one has no slot
            var tokens = arange(4, float32).unsqueeze(1).add(10 * peers.Rank).requires_grad_();
            var gates = full([4, 5], 0.5f).requires_grad_();
            var mine = new HashSet<int>();
            var made = ExpertExchange.Through(peers, tokens, gates, dispatch, (rows, factors, here) =>
            {
                var factor = zeros(rows.size(0));
                for (var (i, expert) = (0, 0); i < here.Rows.Length; i++)
                {
                    while (i >= here.Ends[expert]) expert++;
                    mine.Add(expert);
                    factor[here.Rows[i]] = (expert + 1) * factors[here.Rows[i], 0];
                }
                return rows * factor.unsqueeze(1);
            });
            made.sum().backward();
            return (Made: made.data<float>().ToArray(), Slope: tokens.grad!.data<float>().ToArray(), Gates: dispatch.Of(gates.grad!).data<float>().ToArray(), Mine: mine.Order().ToArray());
        });
        Assert.Equal([[0f, 0.5f, 3f, 7.5f], [20f, 22f, 6f, 13f], [20f, 21f, 22f, 0f]], results.Select(result => result.Made));
        Assert.Equal([[2.5f, 0.5f, 1.5f, 2.5f], [2f, 2f, 0.5f, 1f], [1f, 1f, 1f, 0f]], results.Select(result => result.Slope));
        Assert.Equal([[1f, 6f, 0f, 15f], [12f, 26f, 40f, 44f], [40f, 42f, 44f]], results.Select(result => result.Gates)); // by expert, then by row
        Assert.Equal([[0, 1], [2, 3], [4]], results.Select(result => result.Mine));
    }

    private sealed record Outcome(TrainingStep[] Steps, double HeldOut, float[] Before, float[] Values);

    private static Outcome Trained(int experts, int parts, Peers peers, bool plain, bool recompute)
    {
        LanguageModel model;
        lock (Small)
        {
            manual_seed(3);
            var sparse = new SwitchFeedForward(experts, BalanceWeight: 0.05, ZWeight: 1e-2, Jitter: 0) { Capacity = new FactorCapacity(1, Least: 1) };
            model = new EncoderDecoder { FeedForward = new InTurnFeedForward { Of = [new DenseFeedForward(), sparse] } }.Build(Small.Shape);
        }
        peers.Meet();
        (model.Plain, model.Recompute) = (plain, recompute);
        var options = new TrainingOptions(new Tests.Training.Descent(), 0.05, new Constant(), parts) { Peers = peers };
        using (model)
        using (var trainer = new Trainer(model, (m, batch, loss) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, loss), Small.Source(), options, 20, 1))
        {
            TrainingStep[] steps = [.. trainer.Steps(TestContext.Current.CancellationToken)];
            var held = new Validation(Small.Source(), 2, (m, batch, loss) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, loss)).Loss(model);
            var before = Tests.Training.Tiny.Values(model);
            trainer.Gather();
            return new(steps, held, before, Tests.Training.Tiny.Values(model));
        }
    }
}
