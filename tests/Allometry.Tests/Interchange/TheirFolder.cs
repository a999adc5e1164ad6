using System.Text.Json.Nodes;
using Allometry.Files;
using Allometry.Interchange;
using Allometry.Models;
using Allometry.Papers.T5;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Interchange;

/// <summary>A folder such as Hugging Face writes, of a tiny T5 with random weights, in a folder that goes away with the test.</summary>
public sealed class TheirFolder : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("allometry-tests-").FullName;
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    public TheirFolder(Architecture? architecture = null)
    {
        Directory.CreateDirectory(Path);
        Model = new(architecture ?? new EncoderDecoder(), new Shape(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 4, Heads: 2, EncoderLayers: 2, DecoderLayers: 1, Vocabulary: 40));
        var layout = new T5Layout();
        Config = layout.Fields(Model)!;
        foreach (var weight in Model.Weights()) Tensors[layout.NameOf(weight.Name, Model.Architecture)] = randn([.. weight.Shape]);
    }

    public string Path => At("theirs");

    public ModelDescription Model { get; }

    /// <summary>config.json before it is written.</summary>
    public JsonObject Config { get; }

    /// <summary>The tensors before they are written.</summary>
    public Dictionary<string, Tensor> Tensors { get; } = new(StringComparer.Ordinal);

    public string At(params string[] parts) => System.IO.Path.Combine([root, .. parts]);

    public TheirFolder Write()
    {
        WriteConfig();
        Safetensors.Write(At("theirs", "model.safetensors"), Tensors.Select(tensor => (tensor.Key, tensor.Value)), new Dictionary<string, string> { ["format"] = "pt" });
        return this;
    }

    /// <summary>The same in two files with an index.</summary>
    public TheirFolder WriteShards(Action<JsonObject>? change = null)
    {
        WriteConfig();
        var map = new JsonObject();
        foreach (var (shard, tensors) in Tensors.Index().GroupBy(tensor => tensor.Index % 2, tensor => tensor.Item).Select(shard => ($"model-{shard.Key + 1:00000}-of-00002.safetensors", shard)))
        {
            Safetensors.Write(At("theirs", shard), tensors.Select(tensor => (tensor.Key, tensor.Value)));
            foreach (var (name, _) in tensors) map[name] = shard;
        }
        change?.Invoke(map);
        File.WriteAllText(At("theirs", "model.safetensors.index.json"), new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map }.ToJsonString());
        return this;
    }

    public Conversion Convert(string from, string to) => Conversion.Run(At(from), At(to));

    /// <summary>Every tensor of a folder by name: type, shape, bytes.</summary>
    public SortedDictionary<string, string> Stored(string folder)
    {
        var tensors = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(At(folder), "*.safetensors"))
            foreach (var (name, tensor) in Safetensors.Read(path))
                tensors.Add(name, $"{tensor.dtype} [{string.Join(", ", tensor.shape)}] {System.Convert.ToHexString(tensor.bytes)}");
        return tensors;
    }

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(root, recursive: true);
    }

    private void WriteConfig() => File.WriteAllText(At("theirs", "config.json"), Config.ToJsonString());
}
