using Allometry.Models;
using Allometry.Tests.Ranks;
using Allometry.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

/// <summary>Gradients are added up in the same messages in the same order everywhere, whatever each backward pass does.</summary>
public class GradientBucketsTests
{
    private static readonly Shape Deep = new(16, 32, 4, 2, 2, 3, 64, "deep-test");

    [Theory, InlineData(1), InlineData(2000), InlineData(GradientBuckets.Usual)]
    public void Every_gradient_is_the_sum_over_the_peers(int floats)
    {
        var sums = Of(3, floats, (peer, _, parameters) =>
        {
            foreach (var (i, parameter) in parameters.Index()) parameter.grad = full_like(parameter, (peer + 1) * (i + 1));
        });
        Assert.All(sums, sum => Assert.All(sum.Index(), each => Assert.Equal(6f * (each.Index + 1), each.Item)));
    }

    [Fact]
    public void Whoever_has_no_gradient_gets_that_of_the_others_and_one_that_nobody_has_stays_away()
    {
        var sums = Of(2, 2000, (peer, _, parameters) =>
        {
            foreach (var (i, parameter) in parameters.Index())
                if (i % 4 == peer || i % 4 == 2) parameter.grad = full_like(parameter, peer + 1); // of 3, 7, ... nobody
        });
        Assert.All(sums, sum => Assert.All(sum.Index(), each => Assert.Equal(new float?[] { 1, 2, 3, null }[each.Index % 4], each.Item)));
    }

    [Fact]
    public void Sums_of_layers_are_begun_while_the_layers_before_them_are_still_to_be_differentiated() => Of(2, 1, (_, buckets, parameters) =>
    {
        var layers = buckets.Model.modules().OfType<LayerModule>().Reverse().ToList();
        layers.ForEach(buckets.Buckets.Expect);
        var begun = 0;
        foreach (var layer in layers)
        {
            buckets.Buckets.Complete(layer);
            Assert.Equal(begun += layer.parameters().Count(), buckets.Buckets.Begun);
        }
        Assert.InRange(begun, 1, parameters.Count - 1);
        Give(parameters);
    });

    [Fact]
    public void A_layer_that_runs_twice_is_complete_when_both_runs_are_differentiated() => Of(2, 1, (_, buckets, parameters) =>
    {
        var last = buckets.Model.modules().OfType<LayerModule>().Last();
        buckets.Buckets.Expect(last);
        buckets.Buckets.Expect(last);
        buckets.Buckets.Complete(last);
        Assert.Equal(0, buckets.Buckets.Begun);
        buckets.Buckets.Complete(last);
        Assert.Equal(last.parameters().Count(), buckets.Buckets.Begun);
        Give(parameters);
    });

    [Fact]
    public void Peers_that_get_there_in_another_order_add_the_same_up() => Assert.All(Of(2, 1, (peer, buckets, parameters) =>
    {
        Give(parameters);
        var layers = buckets.Model.modules().OfType<LayerModule>().ToList();
        if (peer == 0) layers.Reverse();
        layers.ForEach(buckets.Buckets.Expect);
        layers.ForEach(buckets.Buckets.Complete);
    }), sum => Assert.All(sum.Index(), each => Assert.Equal(2f * (each.Index + 1), each.Item)));

    [Theory, InlineData(false, false), InlineData(true, false), InlineData(false, true), InlineData(true, true)]
    public void A_real_backward_pass_begins_the_sums_of_all_layers_itself_and_they_are_complete(bool plain, bool recompute)
    {
        using var model = Tiny.Model(shape: Deep);
        (model.Plain, model.Recompute) = (plain, recompute);
        var parameters = model.parameters().ToList();
        var watch = new Seen(model);
        model.Watch = watch;
        using var batch = Allometry.Tasks.Batch.Of(new RandomExamples(6).At(0));
        using var scope = NewDisposeScope();
        using (Allometry.Kernels.Gradients.InPlace()) Tiny.Loss(model, batch, new()).Sum.backward();
        Assert.Equal(model.modules().OfType<LayerModule>().Reverse(), watch.Then.Select(each => each.Layer));
        Assert.All(watch.Then, each => Assert.Equal(each.Layer.parameters().SelectMany(parameter => parameter.grad!.data<float>().ToArray()), each.Gradients));
        Assert.All(watch.Then.Zip(watch.Then.Skip(1)), pair => Assert.True(pair.First.Without > pair.Second.Without)); // others had none yet
    }

    private static void Give(IReadOnlyList<Parameter> parameters)
    {
        foreach (var (i, parameter) in parameters.Index()) parameter.grad = full_like(parameter, i + 1);
    }

    /// <summary>What each peer has of every parameter afterwards: the value that all of a gradient's places have, or null.</summary>
    private static float?[][] Of(int peers, int floats, Action<int, (GradientBuckets Buckets, LanguageModel Model), IReadOnlyList<Parameter>> differentiate) => ThreadPeers.Run(peers, peer =>
    {
        using var scope = NewDisposeScope();
        LanguageModel model;
        lock (Deep) model = Tiny.Model(shape: Deep);
        var parameters = model.parameters().ToList();
        using var buckets = new GradientBuckets(peer, model, parameters, floats);
        differentiate(peer.Rank, (buckets, model), parameters);
        buckets.Finish();
        return parameters.Select(parameter => parameter.grad is null ? (float?)null : Assert.Single(parameter.grad.data<float>().ToArray().Distinct())).ToArray();
    });

    /// <summary>Remembers what gradients were when a layer was said to be complete.</summary>
    private sealed class Seen(LanguageModel model) : GradientWatch
    {
        public List<(LayerModule Layer, float[] Gradients, int Without)> Then { get; } = [];

        public override void Expect(LayerModule layer) { }

        public override void Complete(LayerModule layer) => Then.Add((
            layer,
            [.. layer.parameters().SelectMany(parameter => parameter.grad!.data<float>().ToArray())],
            model.parameters().Count(parameter => parameter.grad is null)));
    }
}
