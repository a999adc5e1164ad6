using Allometry.Files;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Interchange;

/// <summary>Files beside the weights that go from folder to folder byte by byte, once it is clear that they are whole.</summary>
internal static class CarriedFiles
{
    public const string Pieces = "spiece.model";
    private static readonly string[] Maps = ["generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json"];
    private static readonly string[] Texts = ["vocab.txt", "merges.txt"];

    /// <summary>The carried files that a folder has; all that are damaged are told at once.</summary>
    public static IReadOnlyList<string> In(string folder)
    {
        string[] found = [.. Maps.Append(Pieces).Concat(Texts).Where(name => File.Exists(Path.Combine(folder, name)))];
        var problems = found.SelectMany(name => Problems(Path.Combine(folder, name))).ToList();
        return problems.Count == 0 ? found : throw new InputException(problems);
    }

    public static void Copy(string from, string to) => AtomicFile.Write(to, stream =>
    {
        using var source = File.OpenRead(from);
        source.CopyTo(stream);
    });

    /// <summary>The sentinels above the pieces: what the tokenizer's configuration says, else T5's hundred.</summary>
    public static int Sentinels(string folder)
    {
        var path = Path.Combine(folder, "tokenizer_config.json");
        return File.Exists(path) && JsonFile.Read(path)["extra_ids"] is { } given && int.TryParse(given.ToJsonString(), out var sentinels) && sentinels is >= 0 and <= 10_000 ? sentinels : 100;
    }

    private static IReadOnlyList<Problem> Problems(string path)
    {
        try
        {
            if (Path.GetFileName(path) == Pieces) _ = SentencePieceModel.Read(path);
            else if (!Texts.Contains(Path.GetFileName(path))) _ = JsonFile.Read(path);
            return [];
        }
        catch (InputException wrong)
        {
            return wrong.Problems;
        }
    }
}
