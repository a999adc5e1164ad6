using System.Text.RegularExpressions;

namespace Allometry.Tests;

/// <summary>The house's plan, read from the source: who may mention whom, and how large things may grow.</summary>
public partial class DependencyDirectionTests
{
    // The rows of the architecture, top to bottom: a folder may mention its own row's number or a larger one, and nothing else in its row unless said so below.
    private static readonly string[][] Rows =
    [
        ["Cli", "Web"],
        ["Papers"],
        ["Advising"],
        ["Reports", "Backends", "Interchange"],
        ["Experiments", "Benchmarks"],
        ["Analysis", "Training", "Store"],
        ["Objectives", "Tasks", "Generation"],
        ["Models", "Text"],
        ["Costs", "Kernels"],
        ["Kinds", "Native", "Files", "Ranks"],
    ];

    // Rows whose folders do not see each other.
    private static readonly string[] Siblings = ["Analysis", "Training", "Store"];

    private static readonly string[] Projects = ["Allometry", "Allometry.Cli", "Allometry.Web"];

    private const int LongestFile = 400;
    private const int LongestMethod = 60;
    private const int LongestPaper = 600;

    [Fact]
    public void Every_folder_of_the_library_has_a_row()
    {
        var folders = Directory.GetDirectories(Path.Combine(Root(), "src", "Allometry")).Select(folder => Path.GetFileName(folder)).Where(name => name is not ("bin" or "obj"));

        Assert.Empty(folders.Except(Rows.SelectMany(row => row)));
    }

    [Fact]
    public void Arrows_only_point_down() => Assert.Empty(Sources().SelectMany(file => Mentions(file).Where(mention => !Allows(file, mention)).Select(mention => $"{file.Path} mentions {mention}")));

    [Fact]
    public void Neither_the_library_nor_the_page_knows_of_the_command_line_and_only_that_knows_of_the_page() => Assert.Empty(
        from project in Projects
        from file in Under(Path.Combine(Root(), "src", project))
        from mention in Mentions(file)
        where mention != project.Split('.').ElementAtOrDefault(1) && (mention == "Cli" || (mention == "Web" && project == "Allometry"))
        select $"{project}/{file.Path} mentions {mention}");

    [Fact]
    public void Every_file_stands_in_the_namespace_of_its_folder() =>
        Assert.Empty(
            from project in Projects
            from file in Under(Path.Combine(Root(), "src", project))
            where NamespaceLine().Match(file.Text) is { Success: true } line && line.Groups["name"].Value != project + file.Namespace
            select $"{project}/{file.Path}");

    [Fact]
    public void No_file_is_longer_than_the_budget() =>
        Assert.Empty(AllSources().Where(file => file.Text.Count(c => c == '\n') > LongestFile).Select(file => file.Path));

    [Fact]
    public void No_paper_is_longer_than_the_budget() =>
        Assert.Empty(Sources().Where(file => file.Folder == "Papers").GroupBy(file => file.Home).Where(paper => paper.Sum(file => file.Text.Count(c => c == '\n')) > LongestPaper).Select(paper => paper.Key));

    [Fact]
    public void No_method_is_longer_than_the_budget() =>
        Assert.Empty(AllSources().SelectMany(file => Methods(file.Text).Where(method => method.Lines > LongestMethod).Select(method => $"{file.Path}: {method.Name}, {method.Lines} lines")));

    [Fact]
    public void No_type_is_named_for_what_does_not_fit_elsewhere() =>
        Assert.Empty(AllSources().SelectMany(file => EmptyName().Matches(file.Text).Select(match => $"{file.Path}: {match.Value}")));

    /// <summary>The order of the formatter, which takes a minute to look for it: namespaces, then static ones, then aliases, System's first in each.</summary>
    [Fact]
    public void Usings_stand_in_order() => Assert.Empty(
        from file in AllSources()
        let usings = UsingLine().Matches(file.Text).ToList()
        let ordered = usings.OrderBy(line => line.Groups["alias"].Success ? 2 : line.Groups["static"].Success ? 1 : 0)
            .ThenBy(line => !$"{line.Groups["name"]}.".StartsWith("System.", StringComparison.Ordinal)).ThenBy(line => (line.Groups["alias"].Success ? line.Groups["alias"] : line.Groups["name"]).Value.Replace('.', '\0'), StringComparer.OrdinalIgnoreCase)
        where !usings.SequenceEqual(ordered)
        select file.Path);

    /// <summary>Folders whose tensors are the processor's, whatever the device of a run: hand-written kernels, the loading of libtorch, and what times the processor.</summary>
    private static readonly string[] OfTheProcessor = ["Kernels", "Native", "Benchmarks"];

    /// <summary>A tensor made without saying where lies in main memory, which only shows on a machine with a GPU.</summary>
    [Fact]
    public void No_tensor_is_made_without_saying_where_but_those_that_belong_into_main_memory()
    {
        string[] belong =
        [
            "Analysis/Similarity/Representations.cs", // the start tokens of a batch, which the model brings to where it is
            "Files/SafetensorsFile.cs", // what is read from a file
            "Interchange/Trace.cs", // what is written into a file
            "Tasks/Batch.cs", // the rows of a batch, which the model checks and brings to where it is
            "Training/GradientBucket.cs", // what ranks add up: MPI reads main memory
            "Training/MachinePeak.cs", // the processor's own speed
            "Training/Placement.cs", // what ranks give each other: MPI reads main memory
        ];
        Assert.Equal(belong, Computing().Where(file => Nowhere(file.Text).Any()).Select(file => file.Path).Order(StringComparer.Ordinal));
    }

    /// <summary>Who looks at a tensor's numbers waits for the device that computes them.</summary>
    [Fact]
    public void Numbers_are_looked_at_only_where_they_must_be()
    {
        string[] must =
        [
            "Analysis/Similarity/Inversion.cs", "Analysis/Similarity/Representations.cs", // what is compared, by the processor
            "Files/TensorMemory.cs", // what is read and written
            "Generation/Scores.cs", // which token is written
            "Interchange/TraceInputs.cs", // ids of a file, before they go to the device
            "Models/DecoderOnly.cs", "Models/LanguageModel.cs", "Models/LearnedPositions.cs", // tokens that are given, before they go to the device
            "Papers/MetroT0/MetroLosses.cs", "Papers/MetroT0/MetroModule.cs", // measures, and the length of what is masked
            "Papers/PeterRec/Asking.cs", // scores that answers are ranked by
            "Papers/Switch/Routing.cs", // which expert takes which token
            "Tasks/Evaluation.cs", // scores that answers are ranked by
            "Training/Adafactor.cs", "Training/AdamW.cs", "Training/OptimizerState.cs", // the norm of the gradient, and what a step is scaled by
            "Training/Trainer.cs", "Training/Validation.cs", // the loss that is written down, and whether it is a number
        ];
        Assert.Equal(must, Computing().Where(file => Look().IsMatch(Comment().Replace(file.Text, ""))).Select(file => file.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_reading_finds_what_it_is_meant_to_find()
    {
        var store = new Source("Store/A.cs", "// Allometry.Training in a comment\nusing Allometry.Kinds;\nusing static Allometry.Training.Trainer;\nnamespace Allometry.Store;\nvar x = new Allometry.Papers.T5.B();");
        var paper = new Source("Papers/T5/B.cs", "namespace Allometry.Papers.T5;\nusing Allometry.Papers.Switch;\nusing Allometry.Papers.T5;");

        Assert.Equal(["Kinds", "Training", "Papers/T5"], Mentions(store));
        Assert.Equal([true, false, false], Mentions(store).Select(mention => Allows(store, mention)));
        Assert.Equal([false], Mentions(paper).Select(mention => Allows(paper, mention)));
        Assert.Equal(["zeros([f(2), 1], int64)"], Nowhere("x.zeros(3) + zeros([f(2), 1], int64) + ones(3, device: x.device)"));
        Assert.Equal([("Long", 4)], Methods("class A\n{\n    void Long()\n    {\n        x();\n    }\n}\n"));
    }

    private static IEnumerable<string> Nowhere(string text) => TensorMade().Matches(Comment().Replace(text, "")).Select(match => match.Value).Where(made => !Place().IsMatch(made));

    private static bool Allows(Source from, string to)
    {
        if (to.Split('/')[0] == "Papers") return Row(from.Folder) < Row("Papers");
        return Row(from.Folder) <= Row(to) && !(Siblings.Contains(from.Folder) && Siblings.Contains(to));
    }

    // The root (AssemblyInfo and the like) counts as the bottom.
    private static int Row(string folder) => Array.FindIndex(Rows, row => row.Contains(folder)) is >= 0 and var row ? row : Rows.Length;

    private static IEnumerable<string> Mentions(Source file) => Mention().Matches(Comment().Replace(file.Text, ""))
        .Select(match => match.Groups["paper"] is { Success: true } paper ? $"Papers/{paper.Value}" : match.Groups["folder"].Value)
        .Where(name => name != file.Home).Distinct();

    // A member of a type: a line indented once or more that opens a parameter list, followed by a block at the same indentation.
    private static IEnumerable<(string Name, int Lines)> Methods(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i + 1 < lines.Length; i++)
        {
            if (MethodLine().Match(lines[i]) is not { Success: true } head) continue;
            var close = head.Groups["indent"].Value + "}";
            if (lines[i + 1].TrimEnd() != head.Groups["indent"].Value + "{") continue;
            var end = Array.FindIndex(lines, i + 1, line => line.TrimEnd() == close);
            yield return (head.Groups["name"].Value, (end < 0 ? lines.Length : end + 1) - i);
        }
    }

    private static IEnumerable<Source> Sources() => Under(Path.Combine(Root(), "src", "Allometry"));

    /// <summary>What may handle tensors that lie on a run's device.</summary>
    private static IEnumerable<Source> Computing() => Sources().Where(file => !OfTheProcessor.Contains(file.Folder));

    private static IEnumerable<Source> AllSources() => new[] { "src", "tests" }.SelectMany(part => Under(Path.Combine(Root(), part)));

    private static IEnumerable<Source> Under(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Select(path => new Source(Path.GetRelativePath(folder, path).Replace('\\', '/'), File.ReadAllText(path).ReplaceLineEndings("\n")))
        .Where(file => !file.Path.Contains("obj/", StringComparison.Ordinal));

    internal static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Allometry.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Allometry.slnx above the tests.");
        return folder;
    }

    [GeneratedRegex(@"\bAllometry\.(Papers\.(?<paper>\w+)|(?<folder>Cli|Web|Advising|Reports|Backends|Interchange|Experiments|Analysis|Training|Store|Objectives|Tasks|Generation|Models|Text|Costs|Kernels|Kinds|Native|Files|Ranks)\b)", RegexOptions.ExplicitCapture)]
    private static partial Regex Mention();

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?<static>static )?((?<alias>\w+) = )?(?<name>[\w.<>, ]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^(?<indent> {4,8})(?!return|else|new|await|throw|if|for|while|using|lock|switch)[\w\[][^=;(]*?(?<name>\w+)(<[\w, ]+>)?\(.*\)( where .*| : .*)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex MethodLine();

    [GeneratedRegex(@"(?<![\w.])(zeros|ones|full|arange|empty|rand|randn|randint|randperm|eye|linspace|tensor|frombuffer)\((?>[^()]+|\((?<open>)|\)(?<-open>))*(?(open)(?!))\)")]
    private static partial Regex TensorMade();

    [GeneratedRegex("[dD]evice|CPU")]
    private static partial Regex Place();

    [GeneratedRegex(@"\.(item|data)<|\.(ToDouble|ToSingle|ToBoolean|ToInt64)\(\)|\.bytes\b")]
    private static partial Regex Look();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum) \w*(Utils|Helpers|Common|Manager)\b")]
    private static partial Regex EmptyName();

    private sealed record Source(string Path, string Text)
    {
        private string[] Parts => Path.Split('/')[..^1];

        public string Folder => Parts.FirstOrDefault("");

        public string Home => Folder == "Papers" && Parts.Length > 1 ? $"Papers/{Parts[1]}" : Folder;

        public string Namespace => string.Concat(Parts.Select(part => $".{part}"));
    }
}
