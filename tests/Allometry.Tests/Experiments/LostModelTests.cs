using System.Security.Cryptography;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Tests.Experiments;

/// <summary>A finished model whose folder is gone is made again, where something needs it, to the same bits.</summary>
public sealed class LostModelTests : ColourStudies
{
    private const string Yaml = """
        name: lost
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: [text.txt], held-out: 0.2 }
        shapes: [{ name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }]
        seeds: [1, 2]
        threads: 1
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 24, batch: 2, budget: { steps: 3 }, validation-batches: 1 }
        """;

    private const string Tuning = """
          - { kind: fine-tune, budget: { steps: 2 }, batch: 4, tasks: { name: colour, files: { train: rows.csv, validation: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy], input-length: 16, target-length: 8 } }
        """;

    [Fact]
    public void A_model_that_a_new_run_needs_and_that_is_gone_is_trained_again_to_the_same_bits_and_no_other()
    {
        Study($"{Yaml}\n{Tuning}", "undisturbed");
        Study(Yaml, "store");
        var models = Models("store");
        var lost = models[0];
        Assert.Equal(Read("undisturbed", lost), Read("store", lost));
        Directory.Delete(Path.Combine(Folder.Path, "store", Path.GetDirectoryName(lost)!), recursive: true);

        Study(Yaml, "store"); // nobody needs it
        Assert.Equal(models[1..], Models("store"));

        Study($"{Yaml}\n{Tuning}", "store");
        Assert.Equal(Models("undisturbed"), Models("store"));
        Assert.All(Models("undisturbed"), model => Assert.Equal(Read("undisturbed", model), Read("store", model)));
        Assert.Equal(Measured("undisturbed"), Measured("store"));
        Assert.Equal([1, 1, 1, 2], Attempts("store")); // the lost one alone was tried again
    }

    private void Study(string yaml, string name) => Small.Study(Reader.Read<Recipe>(yaml, "lost.yaml"), Folder.Path, name);

    private string[] Models(string store) => [.. Directory.EnumerateFiles(Path.Combine(Folder.Path, store), "model.safetensors", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Path.Combine(Folder.Path, store), file)).Order(StringComparer.Ordinal)];

    private string Read(string store, string model) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder.Path, store, model))));

    /// <summary>All that counts but what clocks and the system say.</summary>
    private List<string> Measured(string name)
    {
        using var store = StudyStore.Read(Path.Combine(Folder.Path, name));
        return [.. from run in store.Runs()
                   from m in store.Measurements(run.Id)
                   where m.Name is not ("seconds" or "peak-memory") && !m.Name.EndsWith("-per-second", StringComparison.Ordinal)
                   select $"{run.Id} {m.Name} {m.Step} {BitConverter.DoubleToInt64Bits(m.Value):x16}"];
    }

    private int[] Attempts(string name)
    {
        using var store = StudyStore.Read(Path.Combine(Folder.Path, name));
        return [.. store.Runs().Select(run => store.Attempts(run.Id).Count).Order()];
    }
}
