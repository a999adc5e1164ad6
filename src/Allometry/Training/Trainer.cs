using System.Diagnostics;
using Allometry.Kernels;
using Allometry.Models;
using Allometry.Native;
using Allometry.Ranks;
using Allometry.Tasks;
using Allometry.Text;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// Trains a model step by step, on the calling thread; the batches of the next steps are made ahead on another. Dropout is drawn from libtorch's own generator, set
/// before each step to where the step before left it, so that whoever else draws changes nothing; <see cref="Save"/> keeps all that the following steps depend on, and after <see cref="Load"/> they are the same to the last bit.
/// </summary>
public sealed class Trainer : IDisposable
{
    // After 2,000 steps of 2+2x128 with 50 between returns the peak was 362 MiB, with 20 it was 341, without any 748 (docs/measured/memory.md).
    private const int StepsBetweenReturns = 20;

    private readonly LanguageModel model;
    private readonly Func<LanguageModel, Batch, LossOptions, LossTensors> loss;
    private readonly BatchSource source;
    private readonly TrainingOptions options;
    private readonly long steps, seed;
    private readonly List<(string Name, Parameter Value)> parameters;
    private readonly OptimizerState optimizer;
    private readonly Placement placement;
    private readonly GradientBuckets buckets;
    private readonly nn.Module? auxiliary;
    private Tensor? random;

    /// <summary>
    /// The loss is summed over a batch's target tokens; <paramref name="steps"/> is the length of the whole run, which the schedule needs. <paramref name="auxiliary"/> is trained beside the model,
    /// or in its place where it is what the model's weights are made of, and saved with the state of the training alone.
    /// </summary>
    public Trainer(LanguageModel model, Func<LanguageModel, Batch, LossOptions, LossTensors> loss, BatchSource source, TrainingOptions options, long steps, long seed, nn.Module? auxiliary = null)
    {
        (this.model, this.loss, this.source, this.options, this.steps, this.seed, this.auxiliary) = (model, loss, source, options, steps, seed, auxiliary);
        parameters = auxiliary is WeightSource ? [] : [.. model.named_parameters().Where(parameter => parameter.parameter.requires_grad).Select(parameter => (parameter.name, parameter.parameter))];
        if (auxiliary is not null) parameters.AddRange(auxiliary.named_parameters().Select(parameter => ($"auxiliary.{parameter.name}", parameter.parameter)));
        optimizer = options.Optimizer.Build(parameters);
        optimizer.Plain = model.Plain;
        placement = new(options.Peers, parameters.Select(parameter => parameter.Value), model);
        buckets = new(options.Peers, model, [.. (auxiliary is WeightSource ? model.parameters() : parameters.Select(parameter => parameter.Value)).Where(placement.IsShared)]);
        model.Peers = options.Peers;
    }

    /// <summary>Steps done so far.</summary>
    public long Done { get; private set; }

    /// <summary>Steps of the whole run.</summary>
    public long Length => steps;

    /// <summary>Bytes of weights, their gradients and what the optimiser remembers.</summary>
    public long StateBytes => (2 * parameters.Sum(parameter => Bytes(parameter.Value))) + optimizer.Tensors.Values.Sum(Bytes);

    /// <summary>
    /// The remaining steps; each is done when it is asked for, and asking again goes on where the last asking ended. Cancelling ends between two steps with an <see cref="OperationCanceledException"/>,
    /// a loss that is no finite number with a <see cref="LossDivergedException"/> and the parameters as they were.
    /// </summary>
    public IEnumerable<TrainingStep> Steps(CancellationToken stop = default)
    {
        using var coming = new Ahead<StepBatches>(Prepared, Done, steps);
        while (Done < steps)
        {
            stop.ThrowIfCancellationRequested();
            yield return Step(coming);
        }
    }

    /// <summary>Gives every peer all weights: until then some may be up to date only where they are computed. All peers call it together.</summary>
    public void Gather() => placement.Gather(parameters, optimizer);

    /// <summary>Gathers; weights that are not finite are a <see cref="LossDivergedException"/>: a step's loss is that of the weights before it, and what the last one did to them shows here.</summary>
    public void Verify()
    {
        Gather();
        if (!parameters.All(parameter => IsFinite(parameter.Value))) throw new LossDivergedException(Done, "a weight is no finite number any more");
    }

    /// <summary>Keeps no weights that are not finite (<see cref="Verify"/>). Replaces the folder by one that holds the model and the state of its training. Peers <see cref="Verify"/> together, after which any of them may <see cref="Write"/> for all.</summary>
    public void Save(string folder)
    {
        Verify();
        Write(folder);
    }

    /// <summary>Saves what has been verified.</summary>
    public void Write(string folder) =>
        new TrainingState(model, optimizer, auxiliary, seed).Save(folder, Random(), Done);

    /// <summary>Goes on where the saved training was. A folder of another model, optimiser or seed is an InputException that lists the differences.</summary>
    public void Load(string folder)
    {
        (Done, var state) = new TrainingState(model, optimizer, auxiliary, seed).Load(folder);
        KeepRandom(state);
    }

    public void Dispose()
    {
        ForgetGradients();
        optimizer.Dispose();
        buckets.Dispose();
        (model.Peers, model.Observes) = (Peers.Alone, false);
        random?.Dispose();
    }

    private StepBatches Prepared(long step) => StepBatches.Of(source.At(step), options.Accumulate, options.MostPadding, options.Peers);

    private TrainingStep Step(Ahead<StepBatches> coming)
    {
        var clock = Stopwatch.StartNew();
        model.train();
        auxiliary?.train();
        model.Observes = options.Observes(Done + 1);
        using var batches = coming.Take();
        TorchSharp.torch.random.set_rng_state(options.Peers.Count == 1 ? Random() : OwnRandom());
        var sums = new Sums();
        if (auxiliary is WeightSource source) source.Differentiate(model, () => Differentiate(batches, sums));
        else Differentiate(batches, sums);
        KeepRandom(TorchSharp.torch.random.get_rng_state());
        var before = clock.Elapsed;
        var (mean, norm) = (sums.CrossEntropy / sums.Tokens, placement.GradientNorm(optimizer) / sums.Tokens);
        if (!double.IsFinite(mean) || !double.IsFinite(norm)) throw Diverged(mean, norm);
        var rate = options.LearningRate * options.Schedule.At(Done, steps);
        optimizer.Step(Done, rate, Clipping(norm) / sums.Tokens);
        ForgetGradients();
        if (Done % StepsBetweenReturns == 0) FreedBlocks.Return();
        return new TrainingStep(++Done, mean, norm, rate, sums.AllTokens, sums.Positions, new(sums.Forward, sums.Backward, (clock.Elapsed - before).TotalSeconds, clock.Elapsed.TotalSeconds)) { Layers = sums.Layers() };
    }

    /// <summary>Adds the gradients of the loss, summed over all target tokens, to the parameters.</summary>
    private void Differentiate(StepBatches batches, Sums sums)
    {
        foreach (var batch in batches.Parts)
        {
            if (buckets.Count > 0 && batch == batches.Parts[^1]) model.Watch = buckets;
            using var scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            var result = loss(model, batch, options.Loss ?? new());
            var forward = clock.Elapsed;
            using (Gradients.InPlace()) result.Sum.backward();
            sums.Add(batch, result, forward, clock.Elapsed - forward);
        }
        buckets.Finish();
        sums.Join(options.Peers);
        model.Watch = null;
    }

    private static long Bytes(Tensor tensor) => tensor.numel() * tensor.element_size();

    private static bool IsFinite(Parameter parameter)
    {
        using var scope = NewDisposeScope();
        return parameter.isfinite().all().ToBoolean();
    }

    private double Clipping(double norm) => options.Clip > 0 && norm > options.Clip ? options.Clip / norm : 1;

    private LossDivergedException Diverged(double mean, double norm)
    {
        ForgetGradients();
        return new LossDivergedException(Done + 1, mean, norm);
    }

    private void ForgetGradients()
    {
        foreach (var (_, parameter) in parameters) parameter.grad = null;
    }

    private void KeepRandom(Tensor state)
    {
        random?.Dispose();
        random = state.DetachFromDisposeScope();
    }

    // Where the last step left libtorch's generator, or where the seed puts it.
    private Tensor Random()
    {
        if (random is not null) return random;
        using var generator = new Generator(unchecked((ulong)seed));
        KeepRandom(generator.get_state());
        return random!;
    }

    // Of several peers each has chance of its own, which is that of the step alone: what the first one saves is enough for all.
    private Tensor OwnRandom()
    {
        using var own = new Generator(RandomStream.For(seed, "rank", (Done * options.Peers.Count) + options.Peers.Rank).Next());
        KeepRandom(own.get_state());
        return random!;
    }

    /// <summary>What the parts of a batch add up to.</summary>
    private sealed class Sums
    {
        private readonly Dictionary<string, double> observed = new(StringComparer.Ordinal);

        public double CrossEntropy { get; private set; }

        /// <summary>Target tokens.</summary>
        public long Tokens { get; private set; }

        /// <summary>Those of the inputs too.</summary>
        public long AllTokens { get; private set; }

        /// <summary>And padding.</summary>
        public long Positions { get; private set; }

        /// <summary>Seconds.</summary>
        public double Forward { get; private set; }

        public double Backward { get; private set; }

        /// <summary>The means of what layers observed, by tokens.</summary>
        public Dictionary<string, double> Layers() => observed.ToDictionary(each => each.Key, each => each.Value / AllTokens);

        /// <summary>Adds what the other peers have, who know the same layers.</summary>
        public void Join(Peers peers)
        {
            string[] names = [.. observed.Keys.Order(StringComparer.Ordinal)];
            double[] sums = [CrossEntropy, Tokens, AllTokens, Positions, .. names.Select(name => observed[name])];
            peers.Sum(sums);
            (CrossEntropy, Tokens, AllTokens, Positions) = (sums[0], (long)sums[1], (long)sums[2], (long)sums[3]);
            foreach (var (i, name) in names.Index()) observed[name] = sums[4 + i];
        }

        public void Add(Batch batch, LossTensors result, TimeSpan forward, TimeSpan backward)
        {
            CrossEntropy += result.CrossEntropy.ToDouble();
            Tokens += result.Tokens;
            AllTokens += batch.InputTokens + batch.TargetTokens;
            Positions += batch.Positions;
            foreach (var (name, value) in result.Layers) observed[name] = observed.GetValueOrDefault(name) + (value * (batch.InputTokens + batch.TargetTokens));
            Forward += forward.TotalSeconds;
            Backward += backward.TotalSeconds;
        }
    }
}
