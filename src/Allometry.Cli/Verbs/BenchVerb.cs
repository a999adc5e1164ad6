using System.CommandLine;
using System.Globalization;
using Allometry.Benchmarks;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Switch;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Cli.Verbs;

/// <summary>Training speed and memory beside the plain twin and the machine's limit. Each number comes from a process of its own, its threads bound to cores.</summary>
public static class BenchVerb
{
    private const string Race = "race", PeakOfOurs = "peak", PeakOfTwin = "peak-plain", Decoding = "decoding", Encoding = "encoding", Encoder = "encoder", Experts = "experts", Architectures = "architectures";

    // What a checkout has; where it is absent and no other is named, encoding is not timed.
    private const string Vocabulary = "data/vocabulary/t5/spiece.model", Text = "data/dotnet-docs/text.jsonl.gz";

    // Recomputation at the larger shapes takes ten seconds a round.
    private const int MostDecodings = 3;

    // A text of 16,384 tokens takes seconds.
    private const int MostEncodings = 5;

    private const int ExpertsTimed = 8, MostProcesses = 5;

    public static Command Command()
    {
        var shapes = new Argument<string[]>("shape") { Description = $"Which of {string.Join(", ", BenchShape.All.Select(shape => shape.Name))}; default: all.", Arity = ArgumentArity.ZeroOrMore };
        var threads = new Option<int[]>("--threads") { Description = "Numbers of threads; default: 1 and all.", HelpName = "N", AllowMultipleArgumentsPerToken = true };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of ours, twin and limit.", HelpName = "N", DefaultValueFactory = _ => 21 };
        var optimizer = new Option<string>("--optimizer") { Description = "adamw, or any other of the catalogue.", HelpName = "KIND", DefaultValueFactory = _ => "adamw" };
        var precisions = new Option<Precision[]>("--precision") { Description = "What operands of products are: float32, bfloat16, or both one after the other.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [Precision.Float32] };
        var vocabulary = new Option<string>("--vocabulary") { Description = "SentencePiece file whose encoding is timed.", HelpName = "FILE", DefaultValueFactory = _ => Vocabulary };
        var text = new Option<string[]>("--text") { Description = "Text that is encoded.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [Text] };
        var lengths = new Option<int[]>("--lengths") { Description = "Instead of shapes: an encoder's time and memory on one text of each of these lengths.", HelpName = "N", AllowMultipleArgumentsPerToken = true };
        var attentions = new Option<string[]>("--attention") { Description = $"Its self-attention; default: {string.Join(", ", EncoderSpeed.Attentions)}.", HelpName = "KIND", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. EncoderSpeed.Attentions] };
        var architectures = new Option<string[]>("--architecture") { Description = "Instead of the plain twin: steps of each of these architectures beside the first's.", HelpName = "KIND", AllowMultipleArgumentsPerToken = true };
        var only = new Option<string?>("--only") { Hidden = true, Description = "One measurement, in this process." };
        var json = Options.Json();
        var command = new Command("bench", "Speed and memory of training steps beside the plain twin and the limit of the matrix products.") { shapes, threads, rounds, optimizer, precisions, vocabulary, text, lengths, attentions, architectures, only, json };
        command.SetAction(parsed =>
        {
            IReadOnlyList<BenchShape> wanted = parsed.GetValue(shapes) is { Length: > 0 } names ? [.. names.Select(BenchShape.Named)] : BenchShape.All;
            var bench = new Bench(Checked(parsed.GetValue(threads)!, "--threads"), Checked([parsed.GetValue(rounds)], "--rounds")[0], parsed.GetValue(optimizer)!, parsed.GetValue(vocabulary)!, parsed.GetValue(text)!);
            wanted = [.. parsed.GetValue(precisions)!.Distinct().SelectMany(precision => wanted.Select(shape => shape with { Precision = Products.Checked(precision) }))];
            if (parsed.GetValue(lengths) is { Length: > 0 } some)
                return ByLength(bench, parsed.GetValue(attentions)!, Checked(some, "--lengths"), parsed.GetValue(only) is not null, parsed.GetValue(json));
            if (parsed.GetValue(architectures) is { Length: > 0 } several)
                return ByArchitecture(bench, wanted, several, parsed.GetValue(only) is not null, parsed.GetValue(json));
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
        Encoding => EncodingSpeed.Measure(new SentencePieceVocabulary(bench.Vocabulary).Load(""), [.. new Corpus(bench.Text).Documents()], bench.Threads[0]),
        Decoding => DecodingSpeed.Measure(shape, bench.Threads[0], Math.Min(bench.Rounds, MostDecodings)),
        Experts => LayerSpeed.Measure(shape, new SwitchFeedForward(ExpertsTimed), bench.Threads[0], bench.Rounds),
        Race => BenchDocument.Of(Benchmarks.Race.Run(shape, bench.Optimizer, bench.Threads[0], bench.Rounds)),
        _ => Peak.Measure(shape, bench.Optimizer, bench.Threads[0], plain: what == PeakOfTwin),
    });

    private static int Run(Bench bench, IReadOnlyList<BenchShape> shapes, bool json)
    {
        _ = bench.Optimizer; // a wrong name is told before anything is timed
        var rows = new List<BenchDocument>();
        var encoding = bench.Threads.Distinct().ToDictionary(threads => threads, threads => bench.HasText ? bench.Ask<double>(shapes[0], threads, Encoding) : (double?)null);
        var table = new BenchTable(json ? Console.Error : Console.Out);
        foreach (var shape in shapes)
            foreach (var threads in bench.Threads)
            {
                var row = bench.Ask<BenchDocument>(shape, threads, Race).With(bench.Ask<Peak>(shape, threads, PeakOfOurs), bench.Ask<Peak>(shape, threads, PeakOfTwin)) with
                {
                    Decoding = bench.Ask<DecodingSpeed>(shape, threads, Decoding),
                    Experts = bench.Layer(shape, threads),
                    EncodingMBPerSecond = encoding[threads],
                };
                rows.Add(row);
                table.Add(row);
            }
        if (json) return Json.Print(rows);
        table.Explain();
        if (!bench.HasText) Console.WriteLine($"Encoding was not timed: there is no {bench.Vocabulary} or {bench.Text[0]} here; --vocabulary and --text name others.");
        return CommandLine.Success;
    }

    private static int ByLength(Bench bench, string[] attentions, int[] lengths, bool here, bool json)
    {
        foreach (var attention in attentions) Reader.Read<Attention>(attention, "--attention");
        if (here) return Json.Print(EncoderSpeed.Measure(attentions[0], lengths[0], bench.Threads[0], Math.Min(bench.Rounds, MostEncodings)));
        var table = new LengthTable(json ? Console.Error : Console.Out);
        var rows = new List<EncoderSpeed>();
        foreach (var threads in bench.Threads)
            foreach (var attention in attentions)
                foreach (var length in lengths)
                {
                    rows.Add(bench.Ask(attention, length, threads));
                    table.Add(rows[^1], threads);
                }
        if (json) return Json.Print(rows);
        table.Explain();
        return CommandLine.Success;
    }

    private static int ByArchitecture(Bench bench, IReadOnlyList<BenchShape> shapes, string[] architectures, bool here, bool json)
    {
        foreach (var architecture in architectures) Reader.Read<Architecture>(architecture, "--architecture");
        if (here) return Json.Print(ArchitectureSpeed.Measure(shapes[0], architectures, bench.Optimizer, bench.Threads[0], bench.Rounds));
        var table = new ArchitectureTable(json ? Console.Error : Console.Out);
        var rows = new List<ArchitectureSpeed>();
        foreach (var shape in shapes)
            foreach (var threads in bench.Threads)
            {
                var measured = bench.Ask<ArchitectureSpeed[]>(shape, threads, Architectures, ["--architecture", .. architectures]);
                rows.AddRange(measured);
                table.Add(measured);
            }
        if (json) return Json.Print(rows);
        table.Explain();
        return CommandLine.Success;
    }

    private sealed record Bench(int[] Threads, int Rounds, string Kind, string Vocabulary, string[] Text)
    {
        // Bound to cores, as a thread that moves between them loses its caches; OpenMP reads these before the first line of ours.
        private static readonly Dictionary<string, string> Bound = new() { ["OMP_PROC_BIND"] = "true", ["OMP_PLACES"] = "cores" };

        public Optimizer Optimizer => Reader.Read<Optimizer>(Kind, "--optimizer");

        public bool HasText => File.Exists(Vocabulary) && Text.All(File.Exists);

        public T Ask<T>(BenchShape shape, int threads, string what, params string[] more) => OwnProcess.Ask<T>(Bound,
            ["bench", shape.Name, "--precision", $"{shape.Precision}", "--threads", Number(threads), "--rounds", Number(Rounds), "--optimizer", Kind, "--only", what, "--vocabulary", Vocabulary, "--text", .. Text, .. more]);

        /// <summary>The middle one of several processes: where the memory of a process lies moves the ratio of a small layer by up to a tenth.</summary>
        public LayerSpeed Layer(BenchShape shape, int threads)
        {
            var processes = Math.Min(MostProcesses, Rounds);
            return Enumerable.Range(0, processes).Select(_ => Ask<LayerSpeed>(shape, threads, Experts)).OrderBy(speed => speed.OverDense).ElementAt(processes / 2);
        }

        public EncoderSpeed Ask(string attention, int length, int threads) => OwnProcess.Ask<EncoderSpeed>(Bound,
            ["bench", "--lengths", Number(length), "--attention", attention, "--threads", Number(threads), "--rounds", Number(Rounds), "--only", Encoder]);

        private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
