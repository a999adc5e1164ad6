namespace Allometry.Text;

/// <summary>
/// A text as SentencePiece's normaliser leaves it, in UTF-8, a single byte <see cref="Space"/> wherever SentencePiece has U+2581. A buffer that is used again and again.
/// </summary>
internal sealed class NormalizedText
{
    public const byte Space = (byte)' ';
    public const char SpaceCharacter = '\u2581';
    private byte[] bytes = new byte[1024];
    private bool join;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, Length);

    public bool AfterSpace { get; set; }

    /// <summary>Empties the buffer; with <paramref name="joinSpaces"/> no space is added after another, or as the first.</summary>
    public void Clear(bool joinSpaces) => (Length, join, AfterSpace) = (0, joinSpaces, joinSpaces);

    /// <summary>Bytes of the UTF-8 character that begins with <paramref name="first"/>.</summary>
    public static int LengthOf(byte first) => first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    public void AddPrefix()
    {
        Room(1)[0] = Space;
        Length++;
    }

    /// <summary>Room for <paramref name="count"/> bytes at the end, to be followed by <see cref="Advance"/>.</summary>
    public Span<byte> Room(int count)
    {
        if (bytes.Length - Length < count) Array.Resize(ref bytes, Math.Max(2 * bytes.Length, Length + count));
        return bytes.AsSpan(Length, count);
    }

    public void Advance(int count) => Length += count;

    public void Add(ReadOnlySpan<byte> text)
    {
        while (AfterSpace && text is [Space, ..]) text = text[1..];
        if (text.Length == 0) return;
        AfterSpace = join && text[^1] == Space;
        for (var room = Room(text.Length); text.Length > 0;)
        {
            var isSymbol = text is [0xE2, 0x96, 0x81, ..];
            room[0] = isSymbol ? Space : text[0];
            text = text[(isSymbol ? 3 : 1)..];
            room = room[1..];
            Length++;
        }
    }

    public void TrimEnd()
    {
        while (Length > 0 && bytes[Length - 1] == Space) Length--;
    }
}
