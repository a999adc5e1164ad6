using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>
/// Text to ids and back. Ids 0 (pad), 1 (end) and 2 (unknown) come first, then the other pieces, then the sentinels of span corruption, then added tokens;
/// rows above them only round the embedding table up.
/// </summary>
public abstract partial class Tokenizer
{
    public const int Pad = 0, End = 1, Unknown = 2;

    /// <summary>The first of the pieces that stand for text.</summary>
    public const int First = Unknown + 1;

    private readonly int pieces, sentinels;
    private readonly Regex special;

    protected Tokenizer(int pieces, int sentinels, string identity, IReadOnlyList<string>? added = null)
    {
        (this.pieces, this.sentinels, Added) = (pieces, sentinels, added ?? []);
        Identity = Added.Count == 0 ? identity : $"{identity}-{Hash("added", Added.Count, Encoding.UTF8.GetBytes(string.Join('\n', Added)))}";
        special = Added.Count == 0 ? SentinelText() : new Regex($"{SentinelText()}|{string.Join('|', Added.OrderByDescending(text => text.Length).Select(Regex.Escape))}", RegexOptions.CultureInvariant);
    }

    /// <summary>Ids below the sentinels, the three special ones included.</summary>
    public int Pieces => pieces;

    public int Sentinels => sentinels;

    /// <summary>Texts that are one token each, with the ids above the sentinels, in their order.</summary>
    public IReadOnlyList<string> Added { get; }

    /// <summary>Rows of the embedding table: pieces, sentinels and added tokens, rounded up to a multiple of 32 (T5's 32,100 become its 32,128).</summary>
    public int Size => (pieces + sentinels + Added.Count + 31) / 32 * 32;

    /// <summary>A hash of everything that decides what <see cref="Encode"/> answers.</summary>
    public string Identity { get; }

    /// <summary>The id of <c>&lt;extra_id_i&gt;</c>. They descend, as T5's do: the first is the highest. Beyond the last is an <see cref="ArgumentOutOfRangeException"/>.</summary>
    public int Sentinel(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, sentinels);
        return pieces + sentinels - 1 - index;
    }

    public bool IsSentinel(int id) => id >= pieces && id < pieces + sentinels;

    /// <summary>
    /// The ids of a text, without end token; each <c>&lt;extra_id_i&gt;</c> in it becomes its sentinel, each added token its id. Never fails: invalid surrogates read as U+FFFD.
    /// </summary>
    public int[] Encode(string text)
    {
        if (Added.Count == 0 && !text.Contains("<extra_id_", StringComparison.Ordinal)) return EncodePlain(text);
        var ids = new List<int>();
        var start = 0;
        foreach (Match match in special.Matches(text))
        {
            if (Special(match) is not { } id) continue;
            ids.AddRange(EncodePlain(text[start..match.Index]));
            ids.Add(id);
            start = match.Index + match.Length;
        }

        ids.AddRange(EncodePlain(text[start..]));
        return [.. ids];
    }

    /// <summary>The ids of a text in which nothing is special: what a corpus is read with, so that no sentinel comes from the text itself.</summary>
    public abstract int[] EncodePlain(string text);

    /// <summary>The text of ids; pad and end give nothing, sentinels <c>&lt;extra_id_i&gt;</c>. An id outside the table is an <see cref="ArgumentOutOfRangeException"/>.</summary>
    public abstract string Decode(ReadOnlySpan<int> ids);

    /// <summary>Writes into a folder all that makes this tokenizer again: <c>vocabulary.json</c>, a <see cref="Vocabulary"/>, and the files it names.</summary>
    public void Save(string folder) => File.WriteAllText(Path.Combine(folder, "vocabulary.json"), Canonical.Json(Keep(folder)));

    /// <summary>The vocabulary that makes this tokenizer, its files written into <paramref name="folder"/> and named relative to it.</summary>
    protected abstract Vocabulary Keep(string folder);

    /// <summary>The added tokens as a vocabulary names them: null where there are none.</summary>
    protected IReadOnlyList<string>? Kept => Added.Count == 0 ? null : Added;

    /// <summary>The text of a sentinel or an added token; null of any other id.</summary>
    protected string? SpecialText(int id) => IsSentinel(id) ? string.Create(CultureInfo.InvariantCulture, $"<extra_id_{pieces + sentinels - 1 - id}>")
        : id - pieces - sentinels is >= 0 and var index && index < Added.Count ? Added[index]
        : null;

    protected void ThrowIfOutside(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, Size);
    }

    protected static string Hash(string kind, int sentinels, ReadOnlySpan<byte> content) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}-{sentinels}-{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}");

    private int? Special(Match match)
    {
        if (!match.Groups[1].Success) return pieces + sentinels + Added.Index().First(added => added.Item == match.Value).Index;
        return int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < sentinels ? Sentinel(index) : null;
    }

    [GeneratedRegex("<extra_id_([0-9]{1,9})>", RegexOptions.CultureInvariant)]
    private static partial Regex SentinelText();
}
