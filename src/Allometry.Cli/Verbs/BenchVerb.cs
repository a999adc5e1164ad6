using System.CommandLine;
using System.Globalization;
using Allometry.Benchmarks;
using Allometry.Kinds;
using Allometry.Training;

namespace Allometry.Cli.Verbs;

/// <summary>Training speed and memory beside the plain twin and the machine's limit. Each number comes from a process of its own, its threads bound to cores.</summary>
public static class BenchVerb
{
    private const string Race = "race", PeakOfOurs = "peak", PeakOfTwin = "peak-plain";

    public static Command Command()
    {
        var shapes = new Argument<string[]>("shape") { Description = $"Which of {string.Join(", ", BenchShape.All.Select(shape => shape.Name))}; default: all.", Arity = ArgumentArity.ZeroOrMore };
        var threads = new Option<int[]>("--threads") { Description = "Numbers of threads; default: 1 and all.", HelpName = "N", AllowMultipleArgumentsPerToken = true };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of ours, twin and limit.", HelpName = "N", DefaultValueFactory = _ => 21 };
        var optimizer = new Option<string>("--optimizer") { Description = "adamw, or any other of the catalogue.", HelpName = "KIND", DefaultValueFactory = _ => "adamw" };
        var only = new Option<string?>("--only") { Hidden = true, Description = "One measurement, in this process." };
        var json = Options.Json();
        var command = new Command("bench", "Speed and memory of training steps beside the plain twin and the limit of the matrix products.") { shapes, threads, rounds, optimizer, only, json };
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetValue(shapes) is { Length: > 0 } names ? [.. names.Select(BenchShape.Named)] : BenchShape.All;
            var bench = new Bench(Checked(parsed.GetValue(threads)!, "--threads"), Checked([parsed.GetValue(rounds)], "--rounds")[0], parsed.GetValue(optimizer)!);
            return parsed.GetValue(only) is { } one ? Measure(bench, wanted[0], one) : Run(bench, wanted, parsed.GetValue(json));
        });
        return command;
    }

    private static int[] Checked(int[] numbers, string option) => numbers.All(number => number > 0)
        ? numbers.Length > 0 ? numbers : [.. new[] { 1, Environment.ProcessorCount }.Distinct()]
        : throw new InputException(option, "0 or less was asked for", "give 1 or more");

    /// <summary>One measurement; what it found is the only thing on standard output.</summary>
    private static int Measure(Bench bench, BenchShape shape, string what) => Json.Print(what switch
    {
        Race => BenchDocument.Of(Benchmarks.Race.Run(shape, bench.Optimizer, bench.Threads[0], bench.Rounds)),
        _ => Peak.Measure(shape, bench.Optimizer, bench.Threads[0], plain: what == PeakOfTwin),
    });

    private static int Run(Bench bench, IReadOnlyList<BenchShape> shapes, bool json)
    {
        _ = bench.Optimizer; // a wrong name is told before anything is timed
        var rows = new List<BenchDocument>();
        var table = new BenchTable(json ? Console.Error : Console.Out);
        foreach (var shape in shapes)
            foreach (var threads in bench.Threads)
            {
                var row = bench.Ask<BenchDocument>(shape, threads, Race).With(bench.Ask<Peak>(shape, threads, PeakOfOurs), bench.Ask<Peak>(shape, threads, PeakOfTwin));
                rows.Add(row);
                table.Add(row);
            }
        if (json) return Json.Print(rows);
        table.Explain();
        return CommandLine.Success;
    }

    private sealed record Bench(int[] Threads, int Rounds, string Kind)
    {
        // Bound to cores, as a thread that moves between them loses its caches; OpenMP reads these before the first line of ours.
        private static readonly Dictionary<string, string> Bound = new() { ["OMP_PROC_BIND"] = "true", ["OMP_PLACES"] = "cores" };

        public Optimizer Optimizer => Reader.Read<Optimizer>(Kind, "--optimizer");

        public T Ask<T>(BenchShape shape, int threads, string what) => OwnProcess.Ask<T>(Bound,
            "bench", shape.Name, "--threads", Number(threads), "--rounds", Number(Rounds), "--optimizer", Kind, "--only", what);

        private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
