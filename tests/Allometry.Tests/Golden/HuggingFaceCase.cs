using System.Text.Json.Nodes;
using Allometry.Files;
using Allometry.Interchange;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Golden;

/// <summary>A folder of goldens/hf: a T5 with its weights, and what Hugging Face made of given inputs.</summary>
public sealed class HuggingFaceCase : IDisposable
{
    private readonly JsonNode config;
    private readonly SafetensorsFile inputsAndOutputs;

    public HuggingFaceCase(string name)
    {
        Folder = Path.Combine(Goldens.Folder, "hf", name);
        Facts = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "case.json")))!;
        config = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "config.json")))!;
        inputsAndOutputs = SafetensorsFile.Open(Path.Combine(Folder, "io.safetensors"));
        var gated = (bool)config["is_gated_act"]!;
        var architecture = new EncoderDecoder
        {
            FeedForward = gated ? new GatedFeedForward { Activation = ActivationOf((string)config["dense_act_fn"]!) } : new DenseFeedForward(),
            Positions = new RelativePositions { Buckets = Size("relative_attention_num_buckets"), Distance = Size("relative_attention_max_distance") },
            Tied = (bool)config["tie_word_embeddings"]!,
            Rescaled = (bool)(config["scale_decoder_outputs"] ?? config["tie_word_embeddings"])!,
        };
        Model = architecture.Build(new Shape(Size("d_model"), Size("d_ff"), Size("d_kv"), Size("num_heads"), Size("num_layers"), Size("num_decoder_layers"), Size("vocab_size")));
        Parameters = [.. Model.named_parameters().Select(pair => (HuggingFaceNames.OfT5(pair.name, gated), pair.parameter))];
        using var weights = SafetensorsFile.Open(Path.Combine(Folder, "model.safetensors"));
        foreach (var (weight, parameter) in Parameters)
            weights.ReadInto(weight, parameter);
    }

    public string Folder { get; }

    /// <summary>case.json: what was done.</summary>
    public JsonNode Facts { get; }

    public LanguageModel Model { get; }

    /// <summary>The model's parameters by Hugging Face's names.</summary>
    public IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> Parameters { get; }

    /// <summary>The cases whose folder begins with a word; one that says so where there is none, since a theory without data is an error.</summary>
    public static TheoryData<string> Named(string beginning)
    {
        var folder = Path.Combine(Goldens.Folder, "hf");
        string[] found = Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder, $"{beginning}*").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)] : [];
        return [.. found.Length > 0 ? found : ["none"]];
    }

    /// <summary>A tensor of io.safetensors.</summary>
    public Tensor Read(string name) => inputsAndOutputs.Read(name);

    public void Dispose()
    {
        Model.Dispose();
        inputsAndOutputs.Dispose();
    }

    private int Size(string name) => (int)config[name]!;

    private static Activation ActivationOf(string name) => name switch
    {
        "gelu_new" => new Gelu(),
        "silu" => new Silu(),
        _ => throw new NotSupportedException(name),
    };
}
