using System.ComponentModel;
using System.Text;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks.Items;

/// <summary>Every item of the source domain is a token; items are written one after the other with spaces between. The only sentinel stands for a gap.</summary>
[Kind("items"), Description("Items of the source domain, one token each.")]
public sealed record ItemVocabulary([Description("Whose source items.")] ItemDomains Domains) : Vocabulary
{
    /// <summary>What stands where a task asks for the state of a user: an added token.</summary>
    public const string TaskToken = "[TCL]";

    public override Tokenizer Load(string cacheFolder) => new ItemTokenizer(Domains.Read().Sources, Added);
}

/// <summary>Items to ids and back; one that is not known reads as the unknown token.</summary>
internal sealed class ItemTokenizer(IReadOnlyList<string> items, IReadOnlyList<string>? added) : Tokenizer(First + items.Count, 1, Hash("items", 1, Encoding.UTF8.GetBytes(string.Join(' ', items))), added)
{
    private readonly Dictionary<string, int> ids = items.Index().ToDictionary(item => item.Item, item => First + item.Index);

    public override int[] EncodePlain(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(item => ids.GetValueOrDefault(item, Unknown))];

    public override string Decode(ReadOnlySpan<int> ids)
    {
        var words = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            ThrowIfOutside(id);
            if (SpecialText(id) is { } special) words.Add(special);
            else if (id == Unknown) words.Add("<unk>");
            else if (id >= First && id < Pieces) words.Add(items[id - First]);
        }

        return string.Join(' ', words);
    }

    /// <summary>One user who has met every item in the order of their ids.</summary>
    protected override Vocabulary Keep(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "items.txt"), $"0 {string.Join(' ', items)}\n");
        return new ItemVocabulary(new("items.txt")) { Added = Kept };
    }
}
