namespace Allometry.Store;

/// <summary>What an attempt at a run reads of its study and writes into it: the study's database, or files where no database may be shared.</summary>
public abstract class Ledger : IDisposable
{
    /// <summary>The folder of the study.</summary>
    public abstract string Folder { get; }

    public abstract IReadOnlyList<StoredRun> Runs();

    public abstract (RunState State, string? Reason) StateOf(string run);

    /// <summary>The measurements of a run that count, by name and step.</summary>
    public abstract IReadOnlyList<Measurement> Measurements(string run);

    public abstract Artifact? Artifact(string run, string name);

    /// <summary>The folder of a run's artifacts; it may not exist yet.</summary>
    public string ArtifactsOf(string run) => Path.Combine(Folder, "artifacts", run);

    /// <summary>Where an attempt at a run makes what it will publish, and keeps what the next attempt goes on from; as deep as <see cref="ArtifactsOf"/>.</summary>
    public virtual string WorkOf(string run) => ArtifactsOf(run);

    /// <summary>Takes a run before anybody looks at it: what an earlier process still saves, it has saved when this returns.</summary>
    public virtual void Take(string run) { }

    /// <summary>Begins an attempt at a run; what an earlier one still tries to write is refused.</summary>
    public abstract Attempt Begin(string run, long fromStep, string machine, string version);

    /// <summary>Adds measurements. A value that is not a finite number is kept as absent.</summary>
    public abstract void Record(Attempt attempt, IReadOnlyCollection<Measurement> measurements);

    /// <summary>Makes a finished folder known under its name, in place of an earlier one.</summary>
    public abstract void Publish(Attempt attempt, Artifact artifact);

    public abstract void End(Attempt attempt, RunState state, string? reason = null);

    public abstract void Dispose();

    /// <summary>Seconds since 1970 by this machine's clock, as attempts tell their times.</summary>
    protected static double Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>An attempt that another one has followed was taken for dead: what it writes now would mix with what the other one does.</summary>
    protected static Kinds.RunFailedException Stale(Attempt attempt, int last) =>
        new($"run {attempt.Run}", $"attempt {attempt.Number} goes on although attempt {last} has followed it", "nothing of it is kept; the later attempt counts");
}
