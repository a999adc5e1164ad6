using System.Text.Json.Nodes;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Interchange;

/// <summary>
/// How Hugging Face writes down one family of models: the meaning of its config.json and the names of its weights. Its kind is the <c>model_type</c> there, with hyphens for underscores;
/// a new family is one record, wherever it stands, and convert, trace and count work with its folders.
/// </summary>
public abstract record HuggingFaceLayout
{
    /// <summary>What config.json calls the family.</summary>
    public string ModelType => Catalogue.NameOf(this).Replace('-', '_');

    /// <summary>The model that a config.json means. What is wrong, or changes the numbers and is not supported, goes to the config; the answer is then ignored.</summary>
    public abstract ModelDescription Describe(HuggingFaceConfig config);

    /// <summary>The fields of config.json that mean a model; null: it is not of this family. They need not say all of it: that is compared.</summary>
    public abstract JsonObject? Fields(ModelDescription model);

    /// <summary>What keeps a model that is near this family from being written in it, and how to mend that; nothing where the model is of another kind.</summary>
    public virtual IEnumerable<(string What, string Mend)> Hindrances(ModelDescription model) => [];

    /// <summary>Hugging Face's name of our weight.</summary>
    public abstract string NameOf(string weight, Architecture architecture);

    /// <summary>How the tensor of that name holds our weight, alone or with others.</summary>
    public virtual Holding Holds(string weight, Architecture architecture) => new([weight]);

    /// <summary>Names under which files hold our weight once more, or in the place of the first.</summary>
    public virtual IReadOnlyList<string> CopiesOf(string weight, Architecture architecture) => [];

    /// <summary>Whether files may hold a tensor of that name which Hugging Face itself does not read.</summary>
    public virtual bool IsUnused(string name) => false;

    /// <summary>The model once its files are known too, where the config alone does not decide.</summary>
    public virtual ModelDescription Settle(ModelDescription model, HuggingFaceConfig config, HuggingFaceWeights weights) => model;

    /// <summary>A model that a config alone means, with what only its files decide taken from the model that they turned out to be.</summary>
    public virtual ModelDescription Settled(ModelDescription meant, ModelDescription known) => meant with { Architecture = meant.Architecture with { Tied = known.Architecture.Tied } };

    /// <summary>What generation_config.json says of a model that is written anew; null: there is none.</summary>
    public virtual JsonObject? Generation => null;

    /// <summary>The family of a config.json; one that is not known is an <see cref="InputException"/>.</summary>
    public static HuggingFaceLayout Of(HuggingFaceConfig config)
    {
        var type = config.ModelType;
        if (type.Length == 0) throw new InputException(config.Path, "does not say its model_type", "give the config.json of a Hugging Face model");
        return All.FirstOrDefault(layout => layout.ModelType == type)
            ?? throw new InputException(config.Path, $"unknown architecture: model_type '{type}'", Suggestion.For(type, All.Select(layout => layout.ModelType)));
    }

    /// <summary>The family in which a model can be written: the one whose config.json would mean the same model again; null where there is none.</summary>
    public static HuggingFaceLayout? For(ModelDescription model) => All.FirstOrDefault(layout => layout.Means(model));

    /// <summary>The first weight of each tensor, and all that the tensor holds.</summary>
    internal IEnumerable<(string First, Holding Holding)> Holdings(ModelDescription model) =>
        from weight in model.Weights()
        let holding = Holds(weight.Name, model.Architecture)
        where holding.Weights[0] == weight.Name
        select (weight.Name, holding);

    private bool Means(ModelDescription model)
    {
        if (Fields(model) is not { } fields) return false;
        var config = HuggingFaceConfig.Of(fields, ModelType);
        return Computes(Settled(Describe(config), model)) == Computes(model);
    }

    /// <summary>What decides a model's numbers once its weights are given.</summary>
    internal static string Computes(ModelDescription model) => Canonical.Json(new ModelDescription(
        model.Architecture with { Initialisation = new MeshInitialisation() }, Used(model)));

    /// <summary>The shape without its name and without layers of stacks that the architecture does not have.</summary>
    private static Shape Used(ModelDescription model)
    {
        var depths = model.Architecture.Depths(model.Shape).ToDictionary(depth => depth.Member, depth => depth.Layers);
        return model.Shape with { Name = null, EncoderLayers = depths.GetValueOrDefault("encoder-layers"), DecoderLayers = depths.GetValueOrDefault("decoder-layers") };
    }

    internal static IEnumerable<HuggingFaceLayout> All => Catalogue.Of(typeof(HuggingFaceLayout)).Select(entry => (HuggingFaceLayout)entry.Default());
}
