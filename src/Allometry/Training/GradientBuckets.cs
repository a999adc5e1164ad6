using Allometry.Models;
using Allometry.Ranks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// Adds up the gradients of all peers, some layers at a time, while the backward pass goes on with the layers before them (Li et al. 2020, arXiv 2006.15704). Every peer has the same buckets and begins them in the same order,
/// whenever its own backward pass gets there. A process by itself has none.
/// </summary>
internal sealed class GradientBuckets : GradientWatch, IDisposable
{
    /// <summary>Floats of a bucket: 4 MiB, from which on messages take as long as their bytes do (Open MPI over shared memory and TCP).</summary>
    internal const int Usual = 1 << 20;

    private readonly List<GradientBucket> buckets = [];
    private readonly Dictionary<LayerModule, int> expected = [];
    private readonly Peers peers;
    private int begun;

    /// <summary>Layers stand in the order in which they are differentiated, what belongs to none behind them.</summary>
    public GradientBuckets(Peers peers, nn.Module model, IReadOnlyList<Parameter> parameters, int floats = Usual)
    {
        this.peers = peers;
        if (peers.Count == 1) return;
        var left = parameters.ToDictionary(parameter => parameter.Handle);
        var open = new List<(Parameter, LayerModule?)>();
        foreach (var layer in model.modules().OfType<LayerModule>().Reverse())
            Fill(layer.parameters().Where(parameter => left.Remove(parameter.Handle)).Select(parameter => (parameter, (LayerModule?)layer)));
        Close();
        Fill(parameters.Where(parameter => left.ContainsKey(parameter.Handle)).Select(parameter => (parameter, (LayerModule?)null)));
        Close();

        void Fill(IEnumerable<(Parameter Value, LayerModule?)> more)
        {
            foreach (var each in more)
            {
                open.Add(each);
                if (open.Sum(one => one.Item1.numel()) >= floats) Close();
            }
        }

        void Close()
        {
            if (open.Count > 0) buckets.Add(new([.. open]));
            open.Clear();
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => buckets.Count;

    /// <summary>How many sums the backward pass itself has begun so far in this step.</summary>
    public int Begun => begun;

    public override void Expect(LayerModule layer) => expected[layer] = expected.GetValueOrDefault(layer) + 1;

    public override void Complete(LayerModule layer)
    {
        foreach (var bucket in buckets.Take(begun)) bucket.Advance();
        if (--expected[layer] > 0) return; // it was run more than once
        foreach (var bucket in buckets) bucket.Complete(layer);
        while (begun < buckets.Count && buckets[begun].IsComplete) buckets[begun++].Begin(peers);
    }

    /// <summary>After the backward pass: every gradient is the sum over the peers; a parameter that none of them has a gradient of has none.</summary>
    public void Finish()
    {
        for (; begun < buckets.Count; begun++) buckets[begun].Begin(peers);
        foreach (var bucket in buckets) bucket.End();
        begun = 0;
        expected.Clear();
    }

    public void Dispose() => buckets.ForEach(bucket => bucket.Dispose());
}
