using System.Text.Json.Nodes;
using Allometry.Files;
using Allometry.Interchange;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Interchange;

/// <summary>A folder as Hugging Face writes it, with random weights; gone when the test is.</summary>
internal sealed class RandomFolder(HuggingFaceLayout layout, string config) : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly string root = Directory.CreateTempSubdirectory("allometry-tests-").FullName;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(root, recursive: true);
    }

    public string At(string folder) => Path.Combine(root, folder);

    /// <summary>What a config.json says, one field of it changed.</summary>
    public ModelDescription Describe(string? field = null, string value = "")
    {
        var fields = JsonNode.Parse(config)!.AsObject();
        if (field is not null) fields[field] = JsonNode.Parse(value);
        var read = HuggingFaceConfig.Of(fields, "config.json");
        var model = layout.Describe(read);
        read.ThrowIfAny();
        return model;
    }

    /// <summary>Writes the folder "theirs"; its tensors by their names, after a change.</summary>
    public Dictionary<string, Tensor> Write(Action<Dictionary<string, Tensor>>? change = null)
    {
        var model = Describe();
        var shapes = model.Weights().ToDictionary(weight => weight.Name, weight => weight.Shape);
        var tensors = model.Weights().Select(weight => (weight.Name, Holding: layout.Holds(weight.Name, model.Architecture))).Where(weight => weight.Holding.Weights[0] == weight.Name)
            .ToDictionary(weight => layout.NameOf(weight.Name, model.Architecture), weight => randn([.. weight.Holding.Shape([.. weight.Holding.Weights.Select(name => shapes[name])])]));
        change?.Invoke(tensors);
        Directory.CreateDirectory(At("theirs"));
        File.WriteAllText(Path.Combine(At("theirs"), "config.json"), config);
        Safetensors.Write(Path.Combine(At("theirs"), "model.safetensors"), tensors.Select(tensor => (tensor.Key, tensor.Value)));
        return tensors;
    }
}
