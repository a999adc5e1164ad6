using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>
/// Text to ids and back. Ids 0 (pad), 1 (end) and 2 (unknown) come first, then the other pieces, then the sentinels of span corruption;
/// rows above them only round the embedding table up.
/// </summary>
public abstract partial class Tokenizer(int pieces, int sentinels, string identity)
{
    public const int Pad = 0, End = 1, Unknown = 2;

    /// <summary>Ids below the sentinels, the three special ones included.</summary>
    public int Pieces => pieces;

    public int Sentinels => sentinels;

    /// <summary>Rows of the embedding table: pieces and sentinels, rounded up to a multiple of 32 (T5's 32,100 become its 32,128).</summary>
    public int Size => (pieces + sentinels + 31) / 32 * 32;

    /// <summary>A hash of everything that decides what <see cref="Encode"/> answers.</summary>
    public string Identity => identity;

    /// <summary>The id of <c>&lt;extra_id_i&gt;</c>. They descend, as T5's do: the first is the highest. Beyond the last is an <see cref="ArgumentOutOfRangeException"/>.</summary>
    public int Sentinel(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, sentinels);
        return pieces + sentinels - 1 - index;
    }

    public bool IsSentinel(int id) => id >= pieces && id < pieces + sentinels;

    /// <summary>The ids of a text, without end token; each <c>&lt;extra_id_i&gt;</c> in it becomes its sentinel. Never fails: invalid surrogates read as U+FFFD.</summary>
    public int[] Encode(string text)
    {
        if (!text.Contains("<extra_id_", StringComparison.Ordinal)) return EncodePlain(text);
        var ids = new List<int>();
        var start = 0;
        foreach (Match match in SentinelText().Matches(text))
        {
            if (!int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= sentinels) continue;
            ids.AddRange(EncodePlain(text[start..match.Index]));
            ids.Add(Sentinel(index));
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

    protected string SentinelText(int id) => string.Create(CultureInfo.InvariantCulture, $"<extra_id_{pieces + sentinels - 1 - id}>");

    protected void ThrowIfOutside(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, Size);
    }

    protected static string Hash(string kind, int sentinels, ReadOnlySpan<byte> content) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}-{sentinels}-{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}");

    [GeneratedRegex("<extra_id_([0-9]{1,9})>", RegexOptions.CultureInvariant)]
    private static partial Regex SentinelText();
}
