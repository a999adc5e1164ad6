using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;

namespace Allometry.Tests.Experiments;

/// <summary>One shape trained in several ways, from YAML to the report: each way stands for itself.</summary>
public sealed class ArmsTests : ColourStudies
{
    private const string Yaml = """
        name: ways
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: [text.txt], held-out: 0.2 }
        shapes:
          - { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: b, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 2, decoder-layers: 1 }
        seeds: [1, 2]
        threads: 1
        protocol:
        """;

    private const string Tuning =
        """kind: fine-tune, budget: { steps: 2 }, batch: 4, tasks: { name: colour, files: { train: rows.csv, validation: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy], input-length: 16, target-length: 8 }""";

    private const string Training = "kind: pretrain, input-length: 24, batch: 2, budget: { steps: 2 }, validation-batches: 1";

    [Fact]
    public void Ways_to_fine_tune_one_model_are_told_apart_by_what_differs_and_share_its_pretraining()
    {
        var study = Run($"{{ {Training}, objective: span-corruption }}", $"{{ {Tuning} }}", $"{{ {Tuning}, optimizer: adamw, learning-rate: 0.01 }}", $"{{ {Tuning}, adapt: {{ parts: [norm] }} }}");

        Assert.Equal(["a · as usual", "a · learning-rate 0.01, optimizer adamw", "a · adapt parts norm", "b · as usual", "b · learning-rate 0.01, optimizer adamw", "b · adapt parts norm"], study.Shapes());
        var findings = Findings.Of(study);
        Assert.All(findings.Shapes, shape => Assert.Equal((2, 2, 2), (shape.Loss!.Count, shape.Scores.Quality!.Count, shape.Clock.Seconds!.Count)));
        var adamw = findings.Shapes.Single(shape => shape.Name == "a · learning-rate 0.01, optimizer adamw");
        Assert.Equal(study.Runs.Where(run => run is { Shape: "a", Stage: "fine-tune" } && run.Arm.Contains("learning-rate 0.01, optimizer adamw")).Average(run => run.Results["colour/accuracy"]), adamw.Scores.Quality!.Mean, 12);
        Everywhere(study, 6);
    }

    [Fact]
    public void Pretrainings_of_two_objectives_are_two_models_and_so_are_what_starts_from_them()
    {
        var tune = $"{{ {Tuning} }}";
        var study = Run($"{{ {Training}, objective: span-corruption }}", tune, $"{{ {Training}, objective: prefix-language-model }}", tune);

        Assert.Equal(["a · objective span-corruption", "a · objective prefix-language-model", "b · objective span-corruption", "b · objective prefix-language-model"], study.Shapes());
        Assert.All(study.Runs.Where(run => run.Stage == "fine-tune"), run => Assert.Single(run.Arm));
        Assert.All(Findings.Of(study).Shapes, shape => Assert.Equal((2, 2), (shape.Loss!.Count, shape.Scores.Quality!.Count)));
        Assert.Contains(Report.From(study).Answer, text => text.Contains("different objectives", StringComparison.Ordinal));
        Everywhere(study, 4);
    }

    [Fact]
    public void An_arm_that_the_recipe_names_has_that_name_and_so_has_what_starts_from_it_and_it_is_the_same_run()
    {
        string[] unnamed = [$"{{ {Training}, objective: span-corruption }}", $"{{ {Tuning} }}", $"{{ {Training}, objective: prefix-language-model }}", $"{{ {Tuning} }}"];
        var study = Run($"{{ {Training}, objective: span-corruption, arm: spans }}", unnamed[1], $"{{ {Training}, objective: prefix-language-model, arm: prefixes }}", unnamed[3]);
        Assert.Equal(["a · spans", "a · prefixes", "b · spans", "b · prefixes"], study.Shapes());
        Assert.All(study.Runs, run => Assert.Single(run.Arm));
        Assert.Equal(study.Runs.Select(run => run.Id), Run(Yaml, unnamed, "unnamed").Runs.Select(run => run.Id));
    }

    [Fact]
    public void A_recipe_that_was_changed_leaves_its_old_runs_beside_the_new_ones()
    {
        Run($"{{ {Training}, objective: span-corruption }}", $"{{ {Tuning} }}");
        var study = Run($"{{ {Training}, objective: span-corruption }}", $"{{ {Tuning}, dropout: 0.1 }}");
        Assert.Equal(["a · as usual", "a · dropout 0.1", "b · as usual", "b · dropout 0.1"], study.Shapes().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_way_needs_no_words()
    {
        var study = Run($"{{ {Training}, objective: span-corruption }}", $"{{ {Tuning}, from: [pretrain, scratch] }}");
        Assert.Equal(["a", "b"], study.Shapes());
        Assert.All(study.Runs, run => Assert.Empty(run.Arm));
    }

    [Fact]
    public void A_knob_joins_shapes_of_one_architecture_alone()
    {
        var yaml = Yaml.Replace("encoder-layers: 2, decoder-layers: 1", "encoder-layers: 2, decoder-layers: 1, architecture: { feed-forward: gated }", StringComparison.Ordinal);
        var findings = Findings.Of(Run(yaml, [$"{{ {Training}, objective: span-corruption }}"]));
        Assert.Empty(KnobTurn.All(findings, Yardstick.Loss));
        Assert.NotEmpty(KnobTurn.All(Findings.Of(Run(Yaml, [$"{{ {Training}, objective: span-corruption }}"], "alike")), Yardstick.Loss));
    }

    /// <summary>Frontier, knobs and tables know as many as there are ways, and knobs join those of one way.</summary>
    private static void Everywhere(Study study, int ways)
    {
        var csv = CsvReport.Render(Report.From(study));
        foreach (var file in new[] { "results.csv", "shapes.csv", "quality-against-parameters.csv", "frontier.csv" })
            Assert.Equal(1 + ways, csv[file].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(KnobTurn.All(Findings.Of(study), Yardstick.Loss), turn => Assert.Equal(turn.From.Name[1..], turn.To.Name[1..]));
        Assert.Equal(ways / 2, KnobTurn.All(Findings.Of(study), Yardstick.Loss).Count);
    }

    private Study Run(params string[] stages) => Run(Yaml, stages);

    private Study Run(string yaml, string[] stages, string store = "store") => Small.Study(Reader.Read<Recipe>($"{yaml}\n{string.Join('\n', stages.Select(stage => $"  - {stage}"))}", "ways.yaml"), Folder.Path, store);
}
