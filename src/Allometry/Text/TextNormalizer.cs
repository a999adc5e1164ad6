using System.Buffers.Binary;

namespace Allometry.Text;

/// <summary>
/// What SentencePiece does to a text before it looks for pieces (normalizer.cc): at each place the longest rule that matches is applied, spaces are joined,
/// one is put in front. Safe for several threads.
/// </summary>
internal sealed class TextNormalizer
{
    private const byte Space = NormalizedText.Space;
    private const uint LabelBits = 0x800000FF, ValueBits = 0x7FFFFFFF, LeafBit = 1 << 8;
    private readonly uint[] rules; // a double array in the layout of Darts-clone
    private readonly byte[] replacements; // each ends with 0
    private readonly bool prefix, join;
    private readonly bool[] plain = new bool[128];

    /// <summary>A damaged table of rules is an <see cref="InvalidDataException"/>.</summary>
    public TextNormalizer(SentencePieceSettings settings)
    {
        (prefix, join) = (settings.AddDummyPrefix, settings.RemoveExtraWhitespaces);
        (rules, replacements) = Tables(settings.CharacterMap);
        for (var character = 0; character < plain.Length; character++) plain[character] = IsPlain((byte)character);
    }

    public void Normalize(ReadOnlySpan<byte> text, NormalizedText into)
    {
        into.Clear(join);
        if (prefix) into.AddPrefix();
        for (var i = 0; i < text.Length;)
        {
            i += CopyPlain(text[i..], into);
            if (i < text.Length) i += Replace(text[i..], into);
        }

        if (join) into.TrimEnd();
    }

    // How many characters at the beginning need no rule; they are copied.
    private int CopyPlain(ReadOnlySpan<byte> text, NormalizedText into)
    {
        var room = into.Room(text.Length);
        var (read, written, afterSpace) = (0, 0, into.AfterSpace);
        for (; read < text.Length; read++)
        {
            var character = text[read];
            if (character >= plain.Length || !plain[character] || (read + 1 < text.Length && text[read + 1] >= plain.Length)) break;
            if (character != Space || !afterSpace) room[written++] = character;
            afterSpace = join && character == Space;
        }

        into.Advance(written);
        into.AfterSpace = afterSpace;
        return read;
    }

    // One character, or as many as the longest rule takes; how many bytes they were.
    private int Replace(ReadOnlySpan<byte> text, NormalizedText into)
    {
        var (length, place) = LongestRule(text);
        if (length == 0) into.Add(text[..(length = Math.Min(NormalizedText.LengthOf(text[0]), text.Length))]);
        else into.Add(replacements.AsSpan(place, replacements.AsSpan(place).IndexOf((byte)0)));
        return length;
    }

    private (int Length, int Place) LongestRule(ReadOnlySpan<byte> text)
    {
        var (length, place) = (0, 0);
        if (rules.Length == 0) return (0, 0);
        var node = Offset(rules[0]);
        for (var i = 0; i < text.Length; i++)
        {
            node ^= text[i];
            if (!Is(node, text[i])) break;
            var unit = rules[node];
            node ^= Offset(unit);
            if ((unit & LeafBit) != 0) (length, place) = (i + 1, (int)(rules[node] & ValueBits));
        }

        return (length, place);
    }

    // An ASCII character that no rule touches where another or nothing follows.
    private bool IsPlain(byte character)
    {
        if (rules.Length == 0) return true;
        var node = Offset(rules[0]) ^ character;
        if (!Is(node, character)) return true;
        var children = node ^ Offset(rules[node]);
        return (rules[node] & LeafBit) == 0 && !Enumerable.Range(0, plain.Length).Any(next => Is(children ^ next, (byte)next));
    }

    private bool Is(int node, byte label) => node < rules.Length && (rules[node] & LabelBits) == label;

    private static int Offset(uint unit) => (int)((unit >> 10) << (int)((unit & (1 << 9)) >> 6));

    // <size of the double array in bytes><double array><replacements>
    private static (uint[] Rules, byte[] Replacements) Tables(ReadOnlySpan<byte> map)
    {
        if (map.Length == 0) return ([], []);
        var size = map.Length > sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(map) : uint.MaxValue;
        if (size >= map.Length - sizeof(uint) || size % sizeof(uint) != 0 || map[^1] != 0) throw new InvalidDataException("its normalisation rules are damaged");
        var rules = new uint[size / sizeof(uint)];
        for (var i = 0; i < rules.Length; i++) rules[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[((i + 1) * sizeof(uint))..]);
        return (rules, map[(sizeof(uint) + (int)size)..].ToArray());
    }
}
