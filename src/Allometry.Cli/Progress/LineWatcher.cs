namespace Allometry.Cli.Progress;

/// <summary>A line for each running run every few seconds: for files, pipes and continuous integration.</summary>
public sealed class LineWatcher(TextWriter writer) : ShownWatcher
{
    protected override TimeSpan Every => TimeSpan.FromSeconds(5);

    protected override void Tell(string line) => writer.WriteLine(line);

    protected override void Show(string? study, IReadOnlyList<string> runs)
    {
        foreach (var run in runs) writer.WriteLine(study is null ? run : $"{run}  [{study}]");
    }
}
