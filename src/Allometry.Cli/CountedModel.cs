using Allometry.Experiments;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Cli;

/// <summary>A model to count, wherever its description comes from.</summary>
public sealed record CountedModel(string Name, Architecture Architecture, Shape Shape)
{
    /// <summary>Why the released checkpoint of that name may be another than what the name says; null where it is known.</summary>
    public string? Doubt { get; private init; }

    public static CountedModel OfShape(Shape shape, Architecture architecture)
    {
        if (shape.Lacks(architecture).ToList() is [_, ..] lacks) throw new InputException(lacks);
        var name = ShapeName.Of(shape);
        return new(name, architecture, shape) { Doubt = shape == Named(name) ? ShapeName.Unresolved(name) : null };
    }

    public static CountedModel OfCheckpoint(string folder)
    {
        var description = ModelFolder.Describe(folder);
        return new(ShapeName.Of(description.Shape), description.Architecture, description.Shape);
    }

    public static IReadOnlyList<CountedModel> OfRecipe(string path)
    {
        var study = OpenRecipe.Read(path, new NoWatcher());
        return [.. study.Recipe.Shapes.Select(shape => shape with { Vocabulary = study.Materials.Tokenizer.Size }).Select(shape => new CountedModel(ShapeName.Of(shape), study.Recipe.ArchitectureOf(shape), shape))];
    }

    private static Shape? Named(string name) => ShapeName.Released.Contains(name) ? ShapeName.Parse(name) : null;
}
