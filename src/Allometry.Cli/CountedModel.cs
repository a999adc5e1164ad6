using Allometry.Experiments;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Cli;

/// <summary>A model to count, wherever its description comes from.</summary>
public sealed record CountedModel(string Name, Architecture Architecture, Shape Shape)
{
    public static CountedModel OfCheckpoint(string folder)
    {
        var description = Checkpoint.Describe(folder);
        return new(ShapeName.Of(description.Shape), description.Architecture, description.Shape);
    }

    public static IReadOnlyList<CountedModel> OfRecipe(string path)
    {
        var study = OpenRecipe.Read(path, new NoWatcher());
        return [.. study.Recipe.Shapes.Select(shape => shape with { Vocabulary = study.Materials.Tokenizer.Size }).Select(shape => new CountedModel(ShapeName.Of(shape), study.Recipe.Architecture, shape))];
    }
}
