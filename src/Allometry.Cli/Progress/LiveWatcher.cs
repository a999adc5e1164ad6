using Spectre.Console;
using Spectre.Console.Rendering;
using Line = Spectre.Console.Text;

namespace Allometry.Cli.Progress;

/// <summary>The study and each running run, a line each at the foot of the terminal that change in place; what has ended stands above them.</summary>
public sealed class LiveWatcher : ShownWatcher
{
    private readonly IAnsiConsole console;
    private readonly ManualResetEventSlim ended = new();
    private readonly Thread thread;
    private LiveDisplayContext? live;

    public LiveWatcher(IAnsiConsole console)
    {
        this.console = console;
        using var ready = new ManualResetEventSlim();
        // Spectre's live display lives as long as a callback: it gets a thread, and what it shows comes from here.
        thread = new Thread(() => console.Live(new Line("")).AutoClear(true).Start(context =>
        {
            live = context;
            ready.Set();
            ended.Wait();
        }))
        { IsBackground = true };
        thread.Start();
        ready.Wait();
    }

    protected override TimeSpan Every => TimeSpan.FromSeconds(0.2);

    public override void Dispose()
    {
        if (!ended.IsSet)
        {
            ended.Set();
            thread.Join();
        }
        base.Dispose();
    }

    protected override void Tell(string line) => console.WriteLine(line);

    protected override void Show(string? study, IReadOnlyList<string> runs) =>
        live?.UpdateTarget(new Rows([new Line(study ?? "", Style.Plain.Decoration(Decoration.Dim)), .. runs.Select(run => (IRenderable)new Line(run))]));
}
