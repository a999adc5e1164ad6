using System.Text;

namespace Allometry.Text;

/// <summary>Byte b of the UTF-8 text is id b + 3. <see cref="Decode"/> undoes <see cref="Tokenizer.Encode"/> exactly for every valid text.</summary>
public sealed class ByteTokenizer(int sentinels = 125, IReadOnlyList<string>? added = null) : Tokenizer(FirstByte + 256, sentinels, Hash("bytes", sentinels, []), added)
{
    private const int FirstByte = 3;

    public override int[] EncodePlain(string text) => [.. Encoding.UTF8.GetBytes(text).Select(b => b + FirstByte)];

    public override string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>(ids.Length);
        foreach (var id in ids)
        {
            ThrowIfOutside(id);
            if (SpecialText(id) is { } special) bytes.AddRange(Encoding.UTF8.GetBytes(special));
            else if (id >= FirstByte && id < Pieces) bytes.Add((byte)(id - FirstByte));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    protected override Vocabulary Keep(string folder) => new BytesVocabulary(Sentinels) { Added = Kept };
}
