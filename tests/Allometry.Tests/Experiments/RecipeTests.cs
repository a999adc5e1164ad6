using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Experiments;

public class RecipeTests
{
    private static readonly Stage First = new ScriptedStage("pre", First: true), Second = new ScriptedStage("tag"), Third = new ScriptedStage("area");

    [Fact]
    public void Every_shape_and_seed_has_one_starting_point_that_its_other_runs_need()
    {
        var plan = Small.Recipe([First, Second, Third], seeds: [1, 2]).Plan();

        Assert.Equal(2 * 2 * 3, plan.Runs.Count);
        Assert.Equal(plan.Runs.Count, plan.Runs.Select(run => run.Id).Distinct().Count());
        foreach (var group in plan.Runs.GroupBy(run => (run.Shape, run.Seed)))
        {
            var start = group.Single(run => run.Run.Needs.Count == 0);
            Assert.All(group.Except([start]), run => Assert.Equal([start.Id], run.Run.Needs));
        }
    }

    [Fact]
    public void A_run_stands_after_all_runs_that_it_needs()
    {
        var runs = Small.Recipe([First, Second, Third], seeds: [3, 1]).Plan().Runs.ToList();
        Assert.All(runs, run => Assert.All(run.Run.Needs, need => Assert.True(runs.FindIndex(other => other.Id == need) < runs.IndexOf(run))));
    }

    [Fact]
    public void Another_seed_shape_stage_thread_count_or_vocabulary_is_another_run()
    {
        string Id(Recipe recipe, Numerics numerics, int vocabulary) => recipe.Expand(numerics, vocabulary, file => file).Runs[0].Id;
        var recipe = Small.Recipe([First]);
        string[] ids =
        [
            Id(recipe, new(1), 384), Id(recipe with { Seeds = [2] }, new(1), 384), Id(recipe with { Shapes = [Small.Shape("a", 64)] }, new(1), 384),
            Id(recipe with { Protocol = [Second] }, new(1), 384), Id(recipe, new(2), 384), Id(recipe, new(1, Plain: true), 384), Id(recipe, new(1), 512),
        ];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void The_name_of_a_study_or_a_shape_and_what_is_compared_make_no_other_run()
    {
        var recipe = Small.Recipe([First, Second]);
        var renamed = recipe with { Name = "other", Shapes = [.. recipe.Shapes.Select(shape => shape with { Name = shape.Name + "x" })], Compare = new(["tag"]) };
        Assert.Equal(recipe.Plan().Runs.Select(run => run.Id), renamed.Plan().Runs.Select(run => run.Id));
    }

    [Fact]
    public void A_run_is_known_by_what_its_files_hold_and_not_by_where_they_lie()
    {
        Recipe Over(string file) => Small.Recipe([First]) with { Corpus = new Corpus([file]) };
        string Id(Recipe recipe, string content) => recipe.Expand(new Numerics(1), 384, _ => content).Runs[0].Id;

        Assert.Equal(Id(Over("/here/a.txt"), "one"), Id(Over("../there/b.txt"), "one"));
        Assert.NotEqual(Id(Over("a.txt"), "one"), Id(Over("a.txt"), "two"));
    }

    [Fact]
    public void A_recipe_is_read_with_its_shapes_stages_and_defaults()
    {
        var recipe = Reader.Read<Recipe>(Yaml, "recipe.yaml");
        var pretrain = Assert.IsType<PretrainStage>(recipe.Protocol[0]);
        var fineTune = Assert.IsType<FineTuneStage>(recipe.Protocol[1]);

        Assert.Equal(64, pretrain.InputLength);
        Assert.Equal([Origin.Pretrain, Origin.Scratch], fineTune.From!);
        Assert.Equal(["tag"], recipe.Compare!.Quality!);
        Assert.Equal(1 + 2, recipe.Plan().Runs.Count);
    }

    [Fact]
    public void From_scratch_needs_no_pretraining_and_one_word_needs_no_brackets()
    {
        var recipe = Reader.Read<Recipe>(Yaml.Replace("[pretrain, scratch]", "scratch", StringComparison.Ordinal), "recipe.yaml");
        var run = recipe.Plan().Runs[^1];

        Assert.Empty(run.Run.Needs);
        Assert.Null(run.Run.Corpus);
        Assert.Equal(("fine-tune", "scratch", "tag"), (run.Stage, run.From, run.Task));
    }

    [Fact]
    public void What_stands_alone_needs_no_brackets()
    {
        var bare = Yaml.Replace("[a.txt]", "a.txt", StringComparison.Ordinal).Replace("[accuracy]", "accuracy", StringComparison.Ordinal)
            .Replace("shapes: [ {", "shapes: {", StringComparison.Ordinal).Replace("layers: 1 } ]", "layers: 1 }", StringComparison.Ordinal) + "\nseeds: 1";
        var recipe = Reader.Read<Recipe>(bare, "recipe.yaml");

        Assert.Equal(Reader.Read<Recipe>(Yaml, "recipe.yaml").Plan().Runs.Select(run => run.Id), recipe.Plan().Runs.Select(run => run.Id));
        Assert.Equal(["a.txt"], recipe.Corpus!.Files);
    }

    [Theory]
    [InlineData("encoder-only", 1)] // its task ranks labels, which an encoder can
    [InlineData("decoder-only", 0)]
    public void An_architecture_that_writes_nothing_is_refused_an_objective_that_wants_text_before_anything_is_spent(string architecture, int problems)
    {
        using var folder = new TemporaryFolder();
        var text = Enumerable.Range(0, 9).Select(i => $"{{\"text\":\"some text {i}\",\"label\":\"{(i % 2 == 0 ? "a" : "b")}\"}}\n");
        File.WriteAllText(Path.Combine(folder.Path, "a.jsonl"), string.Concat(text));
        var yaml = Yaml.Replace("encoder-decoder", architecture, StringComparison.Ordinal).Replace("a.txt", "a.jsonl", StringComparison.Ordinal).Replace("t.csv", "a.jsonl", StringComparison.Ordinal);
        var recipe = Reader.Read<Recipe>(yaml, "recipe.yaml");

        var told = Materials.Tried(() => Small.Materials(recipe, folder.Path)).Where(problem => problem.What.Contains("this architecture writes none", StringComparison.Ordinal));
        Assert.Equal(problems, told.Count());
    }

    [Fact]
    public void A_shape_may_have_an_architecture_of_its_own_of_which_it_says_only_what_differs()
    {
        var recipe = Reader.Read<Recipe>(Several, "recipe.yaml");
        Architecture Of(string name) => recipe.ArchitectureOf(recipe.Shapes.Single(shape => shape.Name == name));

        Assert.Equal(new GatedFeedForward { Activation = new Silu() }, Of("plain").FeedForward);
        Assert.Equal(new GatedFeedForward { Activation = new Relu() }, Of("relu").FeedForward);
        Assert.Equal(new DenseFeedForward(), Of("dense").FeedForward);
        Assert.All(recipe.Shapes, shape => Assert.Equal(shape.Name == "other", recipe.ArchitectureOf(shape) is DecoderOnly));
        Assert.All(recipe.Shapes, shape => Assert.Equal(shape.Name == "other", recipe.ArchitectureOf(shape).Tied));
        Assert.Equal(4, recipe.Plan().Runs.Select(run => run.Id).Distinct().Count());
        Assert.Empty(Feasibility.Problems(recipe.Plan(), 1L << 40));
        Assert.Equal(recipe.Plan().Runs.Select(run => run.Id), Reader.Read<Recipe>(Canonical.Json(recipe), "again").Plan().Runs.Select(run => run.Id));
    }

    [Fact]
    public void One_shape_twice_in_one_architecture_is_one_shape_too_many()
    {
        var twice = Reader.Read<Recipe>(Several.Replace("{ activation: relu }", "{ activation: silu }", StringComparison.Ordinal), "recipe.yaml");
        Assert.Contains("plain and relu are the same shape", Assert.Single(Feasibility.Problems(twice.Plan(), 1L << 40)).What, StringComparison.Ordinal);
    }

    [Fact]
    public void An_architecture_of_a_shape_that_has_no_name_or_is_not_there_is_told()
    {
        var nameless = Assert.Throws<InputException>(() => Reader.Read<Recipe>(Several.Replace("name: relu, ", "", StringComparison.Ordinal), "recipe.yaml"));
        Assert.Contains("has no name", nameless.Message, StringComparison.Ordinal);
        var absent = Reader.Read<Recipe>(Several + "\narchitectures: { relo: decoder-only }", "recipe.yaml");
        Assert.Contains("'relo'", Assert.Single(Feasibility.Problems(absent.Plan(), 1L << 40)).What, StringComparison.Ordinal);
    }

    private const string Several =
        """
        name: x
        architecture: { kind: encoder-decoder, tied: false, feed-forward: { kind: gated, activation: silu } }
        vocabulary: bytes
        corpus: { files: [a.txt] }
        shapes:
          - { from: dm32-ff64-kv16-nh2-el1-dl1, name: plain }
          - { from: dm32-ff64-kv16-nh2-el1-dl1, name: relu, architecture: { feed-forward: { activation: relu } } }
          - { from: dm32-ff64-kv16-nh2-el1-dl1, name: dense, architecture: { feed-forward: dense } }
          - { from: dm32-ff64-kv16-nh2-el1-dl1, name: other, architecture: decoder-only }
        protocol: { kind: pretrain, objective: language-model, input-length: 64, batch: 4, budget: { steps: 5 } }
        """;

    private const string Yaml =
        """
        name: x
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: [a.txt] }
        shapes: [ { model-width: 32, feed-forward-width: 64, head-width: 16, heads: 2, encoder-layers: 1, decoder-layers: 1 } ]
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 64, batch: 4, budget: { steps: 5 } }
          - kind: fine-tune
            from: [pretrain, scratch]
            budget: { steps: 3 }
            tasks:
              - { name: tag, files: { train: [t.csv] }, prompt: "{text}", answer: { kind: label, column: label, labels: [a, b] }, metrics: [accuracy] }
        compare: { quality: tag }
        """;
}
