using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Allometry.Analysis;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Native;
using Allometry.Ranks;
using Allometry.Store;
using Allometry.Text;
using Allometry.Training;
using TorchSharp;

namespace Allometry.Experiments;

/// <summary>
/// One attempt at one run, as the stage that executes it sees it: what it may use, where it reports, what it saves.
/// A checkpoint is written only after all measurements up to its step are in the store, so that a kill loses at most what came after it.
/// </summary>
public sealed class Execution
{
    private const string Model = "model";

    private readonly Ledger store;
    private readonly Attempt attempt;
    private readonly Desk desk;
    private readonly Saved? resumed, preceded;
    private readonly List<Measurement> pending = [];
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Rate rate;
    private TimeSpan written, saved;
    private long tokens, positions;

    public Execution(PlannedRun planned, Ledger store, Attempt attempt, Desk desk)
    {
        (Planned, this.store, this.attempt, this.desk) = (planned, store, attempt, desk);
        Run = desk.Materials.Located(planned.Run);
        rate = new(planned.Workload, desk.Options.Pace);
        resumed = Saved.Read(StateOf(store, planned.Id));
        preceded = Saved.Read(PrecedingOf(store, planned.Id));
        (tokens, positions) = (resumed?.Tokens ?? 0, resumed?.Positions ?? 0);
    }

    public PlannedRun Planned { get; }

    /// <summary>The run, with its data files where they really are.</summary>
    public Run Run { get; }

    public Tokenizer Tokenizer => desk.Materials.Tokenizer;

    public string Cache => desk.Materials.Cache;

    /// <summary>What ends long work between the steps. One of several ranks never ends it by itself, since the others would wait: they agree on a stop after a step.</summary>
    public CancellationToken Stop => Peers.Count == 1 ? desk.Stop : CancellationToken.None;

    /// <summary>Who computes the run together; all of them execute the stage, and the first one alone writes.</summary>
    public Peers Peers => desk.Peers;

    public long Seed => Run.Numbers.Seed;

    private long Steps => Planned.Workload.Steps;

    private double Seconds => ((resumed ?? preceded)?.Seconds ?? 0) + clock.Elapsed.TotalSeconds;

    /// <summary>The step of the checkpoint that a run can go on from; 0 without one.</summary>
    public static long FirstStep(Ledger store, string run) => SavedStep(store.WorkOf(run), RunFolder.State);

    /// <summary>How many steps the checkpoints hold together that are in the folder where an attempt works: of a training before its own, and of its own.</summary>
    public static long SavedSteps(string work) => SavedStep(work, RunFolder.Preceding) + SavedStep(work, RunFolder.State);

    /// <summary>The step of a checkpoint in the folder where an attempt works; 0 without one.</summary>
    private static long SavedStep(string work, string name)
    {
        try { return Saved.Read(Path.Combine(work, name))?.Step ?? 0; }
        catch (InputException) { return 0; } // told by the attempt itself
    }

    /// <summary>Removes what an ended run needed only to go on. Until the store says that it has ended a kill could leave nothing to go on from.</summary>
    public static void Forget(Ledger store, string run)
    {
        AtomicFile.Delete(StateOf(store, run));
        AtomicFile.Delete(PrecedingOf(store, run));
    }

    /// <summary>Whether a run has made a model that is no longer there.</summary>
    public static bool HasLost(Ledger store, string run) =>
        store.Artifact(run, Model) is { } made && !Directory.Exists(Path.Combine(store.ArtifactsOf(run), made.Folder));

    /// <summary>Tells what takes long before or between the steps.</summary>
    public IProgress<double> Doing(string what) => new Telling(share => desk.Watcher.Doing(Planned, what, share));

    /// <summary>A split of the corpus as tokens, made first where they are not cached.</summary>
    public TokenFile Tokens(Split split) => TokenFile.Obtain(Run.Corpus!, Tokenizer, split, Cache, Doing(Tokenising(split)), Stop);

    internal static string Tokenising(Split split) => $"tokenising the {split.ToString().ToLowerInvariant()} text";

    /// <summary>The model to start from, in this architecture: with the weights of the run that is needed, or with fresh ones of this seed.</summary>
    public LanguageModel StartingModel(Architecture architecture) =>
        Beginning(() => Run.Needs is [var need, ..] ? Made(Path.Combine(store.ArtifactsOf(need), Model), architecture) : architecture.Build(Run.Shape));

    /// <summary>A model with fresh weights of this seed, whatever the run needs.</summary>
    public LanguageModel FreshModel(Architecture architecture) => Beginning(() => architecture.Build(Run.Shape));

    /// <summary>Whether an earlier attempt has got somewhere, from where this one goes on.</summary>
    public bool GoesOn => resumed is not null;

    /// <summary>The stage's learning rate, or that which the sweep of this run has found.</summary>
    public double LearningRate(double ofStage)
    {
        if (Run.Transferred is not { } transferred) return ofStage;
        var rate = Peers.IsFirst ? Found(transferred) : 0;
        rate = Peers.Sum(rate); // the others have 0, and know it from then on
        Record("learning-rate", Steps, rate);
        return rate;
    }

    private double Found(Transferred transferred)
    {
        var records = store.Runs().Where(run => transferred.Sweep.Contains(run.Id)).ToDictionary(run => run.Id, run => RunRecord.FromJson(run.Description).Planned(run.Id).Run);
        return transferred.Rate(transferred.Sweep.Select(id => (records[id], Loss(id))), Run.Shape.ModelWidth);

        double Loss(string id) => store.StateOf(id).State == RunState.Done ? store.Measurements(id).Last(m => m.Name == PretrainStage.HeldOut).Value : double.NaN;
    }

    private LanguageModel Beginning(Func<LanguageModel> make)
    {
        Libtorch.EnsureLoaded();
        torch.set_num_threads(Run.Numbers.Numerics.Threads);
        torch.manual_seed(Seed);
        return Placed(make());
    }

    /// <summary>Where and how the run computes. Weights are made in main memory first: the same on every device. What this machine lacks for it is found here where the study was started on another one.</summary>
    private LanguageModel Placed(LanguageModel model)
    {
        var numerics = Run.Numbers.Numerics;
        if (!numerics.IsOnProcessor)
        {
            if (Libtorch.LackForCuda() is { } lack) throw new InputException($"--device {numerics.Device}", lack, "give the study machines with a GPU and a program built with -p:Libtorch=cuda (a Slurm profile's gpus and partition)");
            model.to(torch.device(numerics.Device));
        }
        (model.Plain, model.Precision) = (numerics.Plain, numerics.Precision);
        return model;
    }

    /// <summary>The finished model of one of the runs that are needed, as it is.</summary>
    public LanguageModel Needed(int number)
    {
        Libtorch.EnsureLoaded();
        torch.set_num_threads(Run.Numbers.Numerics.Threads);
        var folder = Path.Combine(store.ArtifactsOf(Run.Needs[number]), Model);
        return Placed(Whole(folder, () => Checkpoint.Load(folder)));
    }

    /// <summary>Puts the trainer back to the last checkpoint, where there is one.</summary>
    public void Resume(Trainer trainer)
    {
        var folder = StateOf(store, Planned.Id);
        if (resumed is not null) Whole(folder, () => { trainer.Load(folder); return trainer; });
    }

    /// <summary>Makes the steps of a training that comes before the run's own first step, from where an earlier attempt has got; keeps the losses of its first and its last step.</summary>
    public void Precede(Trainer trainer, string what)
    {
        var (folder, progress) = (PrecedingOf(store, Planned.Id), Doing(what));
        if (preceded is not null) Whole(folder, () => { trainer.Load(folder); return trainer; });
        foreach (var step in trainer.Steps())
        {
            if (step.Step == 1) Record("preparation-loss/first", 0, step.Loss);
            if (step.Step == trainer.Length) Record("preparation-loss/last", 0, step.Loss);
            progress.Report((double)step.Step / trainer.Length);
            SaveIfDue(trainer, step.Step, step.Step == trainer.Length, folder);
        }
    }

    /// <summary>Records a step's loss and what its layers observed, where they are kept, and tells how far the run is.</summary>
    public void Record(TrainingStep step)
    {
        rate.Add(step);
        (tokens, positions) = (tokens + step.Tokens, positions + step.Positions);
        if (Measures("loss", step.Step)) Record("loss", step.Step, step.Loss);
        if (step.Layers.Count > 0 && Measures(StudyRun.Layers, step.Step))
            foreach (var (name, value) in step.Layers) Record($"{StudyRun.Layers}{name}", step.Step, value);
        desk.Watcher.Stepped(Planned, rate.Progress());
        if (clock.Elapsed - written > TimeSpan.FromSeconds(1)) Flush();
    }

    /// <summary>Whether this is measured after a step.</summary>
    public bool Measures(string name, long step) => Run.Stage.Measures(name, step, Steps);

    public void Record(string name, long step, double value) =>
        pending.Add(new(name, step, value, step * Planned.Workload.TokensPerStep, Seconds));

    /// <summary>Saves where a checkpoint is due; where the study is being stopped, or the run pauses, saves and ends the attempt.</summary>
    public void SaveIfDue(Trainer trainer, long step)
    {
        SaveIfDue(trainer, step, step == Steps || step == Planned.Until, StateOf(store, Planned.Id));
        if (step == Planned.Until) throw new RunPausedException(step);
    }

    private void SaveIfDue(Trainer trainer, long step, bool isDue, string folder)
    {
        // Clocks and signals differ: all do what one of them is asked to.
        var stops = Peers.Any(desk.Stop.IsCancellationRequested);
        if (Peers.Any(clock.Elapsed - saved > desk.Options.CheckpointEvery) || stops || isDue)
        {
            Save(trainer, step, folder);
            saved = clock.Elapsed;
            Peers.Meet();
        }
        if (stops) throw new OperationCanceledException(desk.Stop);
    }

    /// <summary>Publishes the finished model with its vocabulary.</summary>
    public void Finish(LanguageModel model) => Finish(folder =>
    {
        Checkpoint.Save(model, folder);
        Tokenizer.Save(folder);
    });

    /// <summary>Publishes what a task changed of the model that it started from, or the whole model where it started from none.</summary>
    public void Finish(LanguageModel model, Adaptation adaptation) => Finish(folder =>
    {
        if (Run.Needs is [var need, ..]) Checkpoint.SaveAdapted(model, adaptation, folder, Path.GetRelativePath(Path.Combine(store.ArtifactsOf(Planned.Id), Model), Path.Combine(store.ArtifactsOf(need), Model)));
        else Checkpoint.Save(model, folder);
        Tokenizer.Save(folder);
    });

    /// <summary>Publishes what <paramref name="save"/> puts into the folder it is given.</summary>
    public void Finish(Action<string> save)
    {
        Finish();
        if (Peers.IsFirst) AtomicFile.WriteFolder(Path.Combine(store.WorkOf(Planned.Id), Model), save);
        Publish(Model, Steps);
    }

    /// <summary>Ends a run that publishes nothing more.</summary>
    public void Finish()
    {
        Record("seconds", Steps, Seconds);
        Record("peak-memory", Steps, Machine.PeakMemory());
        if (positions > 0) Record("padding", Steps, 1 - ((double)tokens / positions));
        if (rate.TokensPerSecond is { } tokensPerSecond) Record("tokens-per-second", Steps, tokensPerSecond);
        if (Run.Stage is TrainingStage training && rate.StepsPerSecond is { } stepsPerSecond) Record("examples-per-second", Steps, stepsPerSecond * training.Batch);

        Flush();
    }

    /// <summary>Keeps the state at a step for the runs that begin there.</summary>
    public void Keep(Trainer trainer, long step)
    {
        Save(trainer, step, Path.Combine(store.WorkOf(Planned.Id), KeptName(step)));
        Publish(KeptName(step), step);
    }

    /// <summary>Whether a trunk has got to where a run may begin, and kept it.</summary>
    public static bool HasKept(Ledger store, Branch branch) =>
        store.Artifact(branch.Trunk, KeptName(branch.Step)) is not null && Directory.Exists(KeptAt(store, branch));

    /// <summary>Removes what was kept for a run that may begin there.</summary>
    public static void Forget(Ledger store, Branch branch) => AtomicFile.Delete(KeptAt(store, branch));

    /// <summary>Takes over what a trunk has measured and kept for a run that has done nothing yet; where there is nothing, the run makes the same steps itself.</summary>
    public static void Inherit(PlannedRun run, Ledger store, Attempt attempt)
    {
        if (run.Branch is not { } branch || !HasKept(store, branch) || FirstStep(store, run.Id) > 0) return;
        store.Record(attempt, [.. store.Measurements(branch.Trunk).Where(m => m.Step <= branch.Step && run.Run.Stage.Measures(m.Name, m.Step, run.Workload.Steps))]);
        AtomicFile.WriteFolder(StateOf(store, run.Id), folder =>
        {
            foreach (var file in Directory.EnumerateFiles(KeptAt(store, branch))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        });
    }

    private void Publish(string name, long step)
    {
        if (Peers.IsFirst) store.Publish(attempt, new(name, name, JsonSerializer.Serialize(new { step })));
    }

    private void Save(Trainer trainer, long step, string to)
    {
        Flush();
        trainer.Verify();
        if (!Peers.IsFirst) return;
        AtomicFile.WriteFolder(to, folder =>
        {
            trainer.Write(folder);
            new Saved(step, Seconds, tokens, positions).Write(folder);
        });
    }

    private void Flush()
    {
        if (Peers.IsFirst) store.Record(attempt, pending);
        pending.Clear();
        written = clock.Elapsed;
    }

    private static LanguageModel Made(string folder, Architecture architecture) => Whole(folder, () => Checkpoint.Load(folder, architecture));

    /// <summary>Reads what an earlier attempt has saved: what is damaged is mended by making it again.</summary>
    private static T Whole<T>(string folder, Func<T> read)
    {
        try { return read(); }
        catch (InputException damaged)
        {
            throw new InputException([.. damaged.Problems.Select(problem => problem with { Mend = $"delete the folder {folder}: the same command then makes it again" })]);
        }
    }

    private static string KeptName(long step) => string.Create(CultureInfo.InvariantCulture, $"at-{step}");

    private static string KeptAt(Ledger store, Branch branch) => Path.Combine(store.ArtifactsOf(branch.Trunk), KeptName(branch.Step));

    private static string StateOf(Ledger store, string run) => Path.Combine(store.WorkOf(run), RunFolder.State);

    /// <summary>The state of a training that comes before the run's own steps.</summary>
    private static string PrecedingOf(Ledger store, string run) => Path.Combine(store.WorkOf(run), RunFolder.Preceding);

    /// <summary>How far a run was when its state was saved.</summary>
    private sealed record Saved(long Step, double Seconds, long Tokens = 0, long Positions = 0)
    {
        private const string File = "facts.json";

        public static Saved? Read(string folder) => System.IO.File.Exists(Path.Combine(folder, File))
            ? Whole(folder, () => StoredJson.Read<Saved>(Reader.Text(Path.Combine(folder, File)), Path.Combine(folder, File), ""))
            : null;

        public void Write(string folder) => System.IO.File.WriteAllText(Path.Combine(folder, File), JsonSerializer.Serialize(this));
    }
}
