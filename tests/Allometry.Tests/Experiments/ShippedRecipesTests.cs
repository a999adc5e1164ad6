using Allometry.Costs;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tests.Text;
using Allometry.Text;

namespace Allometry.Tests.Experiments;

/// <summary>The recipes that a person finds in the repository.</summary>
public class ShippedRecipesTests
{
    private static readonly string Root = Path.Combine(Sources.Root, "recipes");

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Root, "*.yaml", SearchOption.AllDirectories)
        .Where(file => File.ReadAllText(file).Contains("\nprotocol:", StringComparison.Ordinal)).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Names))]
    public void Every_one_is_sound_and_its_data_are_there(string name)
    {
        var recipe = Read(name);
        var files = DataFiles.In(recipe).ToLookup(DataFolder.Holds, file => DataFolder.Resolve(file, Path.GetDirectoryName(Path.Combine(Root, name))!));
        Assert.All(files[false], file => Assert.NotNull(TableFile.OnDisk(file)));
        Assert.SkipUnless(files[true].All(file => TableFile.OnDisk(file) is not null), $"{DataFolder.Root} does not hold all of its data.");
        Assert.Empty(Feasibility.Problems(recipe.Plan(), 1L << 40));
    }

    [Theory]
    [InlineData("primer/bytes.yaml")]
    [InlineData("primer/subwords.yaml")]
    public void Primers_arms_have_as_many_parameters_as_the_vanilla_one(string name)
    {
        var recipe = Read(name);
        double Parameters(Shape shape) => recipe.ArchitectureOf(shape).Count(shape with { Vocabulary = 384 }, new Setting()).NonEmbeddingParameters;
        var vanilla = Parameters(recipe.Shapes.Single(shape => shape.Name == recipe.Compare!.Baseline));
        Assert.All(recipe.Shapes, shape => Assert.InRange(Parameters(shape) / vanilla, 1, 1.02));
    }

    /// <summary>A vocabulary's rows are what the recipe asks for: no text is needed to count.</summary>
    [Fact]
    public void Metros_baseline_has_the_flops_of_metro()
    {
        var recipe = Read("metro-t0/metro.yaml");
        var rows = Assert.IsType<TrimmedVocabulary>(recipe.Vocabulary).Size;
        var arms = recipe.Expand(new Numerics(1), rows, file => file).Runs.Where(run => run.Stage == "pretrain" && run.Seed == 1).ToDictionary(run => run.Arm[0]);
        Assert.Equal(arms["METRO"].Workload.TrainingFlops, Assert.IsType<PretrainStage>(arms["span corruption, METRO's FLOPs"].Run.Stage).Budget.Flops);
        Assert.Equal(arms["METRO"].Workload.Steps, arms["span corruption"].Workload.Steps);
        Assert.Equal(1, arms["span corruption, METRO's FLOPs"].Workload.TrainingFlops / arms["METRO"].Workload.TrainingFlops, 3);
    }

    private static Recipe Read(string name) => Reader.ReadFile<Recipe>(Path.Combine(Root, name));
}
