namespace Allometry.Store;

/// <summary>An attempt that keeps what it does in the files of its run's folder, for whoever has the study's database to take over.</summary>
public sealed class AttemptFiles : Ledger
{
    private readonly RunFolder own;
    private readonly int number;
    private readonly IReadOnlyList<StoredRun> known;
    private readonly List<Artifact> published;
    private readonly bool follows;

    private AttemptFiles(string folder, RunFolder own, int number, IReadOnlyList<StoredRun> known, IReadOnlyList<Artifact> published, bool follows = false) =>
        (Folder, this.own, this.number, this.known, this.published, this.follows) = (folder, own, number, known, [.. published], follows);

    public override string Folder { get; }

    public int Number => number;

    /// <summary>Claims an attempt at a run, after those that the database knows, and takes over what the earlier ones have saved.</summary>
    /// <param name="known">The runs that it may look at.</param>
    public static AttemptFiles Claim(string folder, string run, int after, IReadOnlyList<StoredRun> known)
    {
        var own = new RunFolder(folder, run);
        var number = own.Claim(after);
        var published = own.Gather(number, own.WorkOf(number));
        if (published.Count > 0) own.Publish(number, published);
        return new(folder, own, number, known, published);
    }

    /// <summary>An attempt that another process makes, for those that compute the run together with it: they read its files and write none.</summary>
    public static AttemptFiles Follow(string folder, string run, int number) => new(folder, new(folder, run), number, [], [], follows: true);

    /// <summary>Where this attempt tells how far it is.</summary>
    public string Progress => own.FileOf(number, "progress.json");

    public override IReadOnlyList<StoredRun> Runs() => known;

    public override string WorkOf(string run) => run == own.Run ? own.WorkOf(number) : base.WorkOf(run);

    public override (RunState State, string? Reason) StateOf(string run) => Of(run) is var folder && folder.Told(folder.Decision ?? folder.LastClaim) is { } attempt
        ? (attempt.State, attempt.Reason)
        : (RunState.Waiting, null);

    public override IReadOnlyList<Measurement> Measurements(string run) => Of(run).Measurements();

    public override Artifact? Artifact(string run, string name) => Directory.Exists(Path.Combine(ArtifactsOf(run), name)) ? new(name, name, "{}") : null;

    public override Attempt Begin(string run, long fromStep, string machine, string version)
    {
        var attempt = new Attempt(run, number, fromStep, Now, null, RunState.Running, null, machine, version);
        RefuseStale(attempt);
        own.Tell(attempt);
        return attempt;
    }

    public override void Record(Attempt attempt, IReadOnlyCollection<Measurement> measurements)
    {
        RefuseStale(attempt);
        if (measurements.Count > 0) own.Add(number, measurements);
    }

    public override void Publish(Attempt attempt, Artifact artifact)
    {
        RefuseStale(attempt);
        published.RemoveAll(other => other.Name == artifact.Name);
        published.Add(artifact);
        own.Publish(number, published);
    }

    /// <summary>What ends the run for good is decided here, if no other attempt has followed or decided it.</summary>
    public override void End(Attempt attempt, RunState state, string? reason = null)
    {
        if (HasDecided) return; // what is decided stays as it was told, whatever goes wrong behind it
        var final = state is RunState.Done or RunState.Failed;
        if (final && IsFollowed) (final, state, reason) = (false, RunState.Interrupted, Stale(attempt, own.LastClaim).Message);
        own.Tell(attempt with { Ended = Now, State = state, Reason = reason });
        if (!final || !own.Decide(number)) return;
        own.Settle();
        own.Clean(number);
    }

    /// <summary>Ends an attempt that could not begin, or whose end is to be told otherwise.</summary>
    public void GiveUp(string reason, string machine, string version)
    {
        if (HasDecided) return;
        own.Tell((own.Told(number) ?? new Attempt(own.Run, number, 0, Now, null, RunState.Running, null, machine, version)) with { Ended = Now, State = RunState.Interrupted, Reason = reason });
    }

    /// <summary>Once the run is decided nothing is left to go on from.</summary>
    public override void Dispose()
    {
        if (!follows && HasDecided) own.Clean(number + 1);
    }

    private bool HasDecided => own.Decision == number;

    private bool IsFollowed => own.LastClaim > number || (own.Decision is { } decided && decided != number);

    private RunFolder Of(string run) => run == own.Run ? own : new(Folder, run);

    private void RefuseStale(Attempt attempt)
    {
        if (IsFollowed) throw Stale(attempt, own.LastClaim);
    }
}
