using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Training;

/// <summary>What of a model a task changes: a patch grafted into it, parts of it, or both. Everything else keeps its bits, and need not be saved with the task.</summary>
public sealed record Adaptation(
    [property: Description("Small modules that are grafted into the model and trained; none where left out.")] Patch? Patch = null,
    [property: Description("Parts of the model that are trained beside the patch, by their names in its tree: norm (all norms), head, embedding, decoder.layers.3, ...")] IReadOnlyList<string>? Parts = null) : IReadable<Adaptation>
{
    static Adaptation? IReadable<Adaptation>.FromNode(Node node, ReadContext context) => context.ReadMembers<Adaptation>(node.AsLists("parts"));

    /// <summary>The architecture with its patch.</summary>
    public Architecture Graft(Architecture architecture) => Patch is null ? architecture : architecture with { Patch = Patch };

    /// <summary>Whether the parameter of that name is trained.</summary>
    public bool Trains(string parameter)
    {
        var path = parameter.Split('.');
        return (Patch is not null && path.Any(Patch.IsField)) || (Parts ?? []).Any(part => Contains(path, part.Split('.')));
    }

    /// <summary>From now on only what is trained has gradients; returns the number of trained parameters.</summary>
    public long Freeze(LanguageModel model)
    {
        foreach (var (name, parameter) in model.named_parameters()) parameter.requires_grad = Trains(name);
        return model.parameters().Where(parameter => parameter.requires_grad).Sum(parameter => parameter.numel());
    }

    /// <summary>Everything that is wrong with it for this model; arithmetic alone.</summary>
    public IEnumerable<Problem> Problems(string where, Architecture architecture, Shape shape)
    {
        if (Patch is null && Parts is not { Count: > 0 }) yield return new(where, "nothing would be trained", "name a patch, or parts such as [head]; leave adapt out to train everything");
        var names = Graft(architecture).Count(shape, new Setting()).Weights.Select(weight => weight.Name.Split('.')).ToList();
        foreach (var part in (Parts ?? []).Where(part => !names.Any(name => Contains(name, part.Split('.')))))
            yield return new($"{where}: parts", $"no weight of {shape.Name ?? ShapeName.Of(shape)} is in a part called '{part}'",
                Suggestion.For(part, names.SelectMany(name => name).Where(word => !char.IsDigit(word[0])).Distinct()) ?? "see allometry count --tree");
    }

    // Whether the words stand one after the other somewhere in the path.
    private static bool Contains(string[] path, string[] words) =>
        Enumerable.Range(0, Math.Max(0, path.Length - words.Length + 1)).Any(first => path.AsSpan(first, words.Length).SequenceEqual(words));
}
