using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Cli;

/// <summary>A checkpoint with the vocabulary that a run put beside it.</summary>
public sealed record LoadedModel(LanguageModel Model, Tokenizer Tokenizer)
{
    public static LoadedModel Load(string folder)
    {
        var description = Path.Combine(folder, "vocabulary.json");
        if (!File.Exists(description)) throw new InputException(folder, "there is no vocabulary.json beside the model",
            File.Exists(Path.Combine(folder, "config.json")) ? $"make it one of ours first: allometry convert {folder} TARGET" : "give the model folder of a run: STORE/artifacts/RUN/model");
        var vocabulary = DataFiles.Located(Canonical.Parse<Vocabulary>(Reader.Text(description), description), folder);
        return new(Checkpoint.Load(folder), vocabulary.Load(CacheFolder.Path));
    }
}
