using System.Text.Json.Nodes;
using Allometry.Files;
using Allometry.Interchange;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Golden;

/// <summary>A folder of goldens/hf: a model with its weights, and what Hugging Face made of given inputs.</summary>
public sealed class HuggingFaceCase : IDisposable
{
    private readonly SafetensorsFile inputsAndOutputs;

    public HuggingFaceCase(string name)
    {
        Folder = Path.Combine(Goldens.Folder, "hf", name);
        Facts = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "case.json")))!;
        inputsAndOutputs = SafetensorsFile.Open(Path.Combine(Folder, "io.safetensors"));
        (Model, var names) = ModelFolder.Load(Folder);
        Parameters = [.. Model.named_parameters().Select(pair => (names.Of(pair.name), pair.parameter))];
    }

    public string Folder { get; }

    /// <summary>case.json: what was done.</summary>
    public JsonNode Facts { get; }

    public LanguageModel Model { get; }

    /// <summary>The model's parameters by Hugging Face's names.</summary>
    public IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> Parameters { get; }

    /// <summary>The cases of all families whose folders `convert` and `trace` read.</summary>
    public static TheoryData<string> Models => Named("t5-", "longt5-", "switch-", "bert", "gpt2");

    /// <summary>The cases whose folder begins with one of these words; one that says so where there is none, since a theory without data is an error.</summary>
    public static TheoryData<string> Named(params string[] beginnings)
    {
        var folder = Path.Combine(Goldens.Folder, "hf");
        string[] found = Directory.Exists(folder) ? [.. beginnings.SelectMany(beginning => Directory.EnumerateDirectories(folder, $"{beginning}*")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)] : [];
        return [.. found.Length > 0 ? found : ["none"]];
    }

    /// <summary>What io.safetensors holds.</summary>
    public IEnumerable<string> Names => inputsAndOutputs.Entries.Keys;

    /// <summary>A tensor of io.safetensors.</summary>
    public Tensor Read(string name) => inputsAndOutputs.Read(name);

    /// <summary>What the reference was given, for a model of this shape.</summary>
    public TraceInputs Inputs(Shape shape) => TraceInputs.Read(inputsAndOutputs, shape);

    public void Dispose()
    {
        Model.Dispose();
        inputsAndOutputs.Dispose();
    }
}
