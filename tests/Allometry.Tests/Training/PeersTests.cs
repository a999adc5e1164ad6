using Allometry.Models;
using Allometry.Ranks;
using Allometry.Tests.Ranks;
using Allometry.Training;

namespace Allometry.Tests.Training;

/// <summary>Several that train together against one that trains by itself.</summary>
public class PeersTests
{
    private static readonly Shape Deep = new(16, 32, 4, 2, 2, 3, 64, "deep-test");

    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(2, 2, false)]
    [InlineData(3, 1, false)]
    [InlineData(2, 2, true)]
    public void Peers_take_the_steps_of_one(int count, int parts, bool plain)
    {
        var options = Descent.Options with { LearningRate = 0.05, Clip = 0.5, Accumulate = parts, Loss = new LossOptions(LabelSmoothing: 0.1, ZWeight: 1e-2) };
        var one = Alone(options, plain);
        var all = ThreadPeers.Run(count, peers => Trained(options, peers, plain));
        Assert.All(all, peer => Alike(one, peer));
        Assert.All(all, peer => Assert.Equal(all[0].Values, peer.Values)); // to the last bit
    }

    [Fact]
    public void Peers_whose_layers_are_recomputed_take_the_same_steps()
    {
        var options = Descent.Options with { LearningRate = 0.05 };
        Assert.All(ThreadPeers.Run(2, peers => Trained(options, peers, recompute: true)), peer => Alike(Alone(options), peer));
    }

    [Fact]
    public void As_many_peers_again_give_the_same_bits()
    {
        var options = new TrainingOptions(new AdamW(), 1e-3, new Constant());
        Assert.Equal(ThreadPeers.Run(3, peers => Trained(options, peers))[1].Values, ThreadPeers.Run(3, peers => Trained(options, peers))[2].Values);
    }

    [Fact]
    public void Every_example_of_a_step_is_somebodys_and_nobody_elses()
    {
        var examples = new RandomExamples(11).At(0);
        var shares = ThreadPeers.Run(3, peers => StepBatches.Cut(examples, 2, 0.05, peers.Count).Select(peers.Share).ToList());
        var parts = StepBatches.Cut(examples, 2, 0.05, 3).ToList();
        Assert.All(parts, part => Assert.InRange(part.Count, 3, examples.Count));
        Assert.All(shares, share => Assert.Equal(parts.Count, share.Count));
        Assert.Equal(examples.ToHashSet(), shares.SelectMany(share => share.SelectMany(part => part)).ToHashSet());
        Assert.Equal(examples.Count, shares.Sum(share => share.Sum(part => part.Count)));
    }

    [Fact]
    public void A_process_by_itself_takes_the_same_bits_whether_it_is_told_so_or_not() =>
        Assert.Equal(Alone(Descent.Options).Values, ThreadPeers.Run(1, peers => Trained(Descent.Options, peers))[0].Values);

    private static (TrainingStep[] Steps, float[] Values) Alone(TrainingOptions options, bool plain = false) => ThreadPeers.Run(1, _ => Trained(options, Peers.Alone, plain))[0];

    private static void Alike((TrainingStep[] Steps, float[] Values) one, (TrainingStep[] Steps, float[] Values) peer)
    {
        Assert.All(one.Steps.Zip(peer.Steps), pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-6);
            Assert.Equal(pair.First.GradientNorm, pair.Second.GradientNorm, 1e-5 * pair.First.GradientNorm);
            Assert.Equal(pair.First.Tokens, pair.Second.Tokens);
        });
        Assert.All(one.Values.Zip(peer.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    private static (TrainingStep[] Steps, float[] Values) Trained(TrainingOptions options, Peers peers, bool plain = false, bool recompute = false)
    {
        LanguageModel model;
        lock (Deep) model = Tiny.Model(shape: Deep); // the generator of first weights belongs to all threads,
        peers.Meet();                               // which train when all have theirs
        (model.Plain, model.Recompute) = (plain, recompute);
        using (model)
        using (var trainer = Tiny.Trainer(model, options with { Peers = peers }, steps: 20, source: new RandomExamples(12)))
            return ([.. trainer.Rest()], Tiny.Values(model));
    }
}
