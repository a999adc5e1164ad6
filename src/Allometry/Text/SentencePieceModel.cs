using Allometry.Kinds;
using Google.Protobuf;

namespace Allometry.Text;

/// <summary>
/// A SentencePiece file (sentencepiece_model.proto): its pieces, and everything else (trainer and normaliser settings) as it stood.
/// Only what Allometry needs is understood; writing what was read gives a file that any SentencePiece reads.
/// </summary>
public sealed class SentencePieceModel
{
    private const uint PiecesTag = (1 << 3) | 2, TextTag = (1 << 3) | 2, ScoreTag = (2 << 3) | 5, TypeTag = 3 << 3;
    private const int FewBytes = 64; // a piece; the stream's own buffer of 4 KiB is made anew for each of 32,000
    private const uint TrainerTag = (2 << 3) | 2, SizeTag = 4 << 3;
    private readonly byte[] settings;

    private SentencePieceModel(IReadOnlyList<Piece> pieces, byte[] settings) => (Pieces, this.settings) = (pieces, settings);

    public IReadOnlyList<Piece> Pieces { get; }

    /// <summary>Reads a file; one that is missing, no SentencePiece model, or not laid out as T5's is an <see cref="InputException"/>.</summary>
    public static SentencePieceModel Read(string path)
    {
        var bytes = Bytes(path);
        try
        {
            return Parse(bytes).Checked(path);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidDataException)
        {
            throw Damaged(path, e);
        }
    }

    /// <summary>A file as it stands; one that cannot be read is an <see cref="InputException"/>.</summary>
    public static byte[] Bytes(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : throw new InputException(path, "does not exist", "give the path of a SentencePiece file such as T5's spiece.model");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Damaged(path, e);
        }
    }

    public static SentencePieceModel Parse(byte[] bytes)
    {
        var input = new CodedInputStream(bytes);
        var pieces = new List<Piece>();
        using var rest = new MemoryStream();
        var output = new CodedOutputStream(rest);
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (tag == PiecesTag) pieces.Add(ReadPiece(input.ReadBytes()));
            else if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited) Copy(tag, input.ReadBytes(), output);
            else input.SkipLastField();
        }

        output.Flush();
        return new SentencePieceModel(pieces, rest.ToArray());
    }

    /// <summary>The same normaliser and settings with other pieces.</summary>
    public SentencePieceModel With(IReadOnlyList<Piece> pieces) => new(pieces, settings);

    internal SentencePieceSettings Settings => SentencePieceSettings.Parse(settings);

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        var output = new CodedOutputStream(bytes);
        foreach (var piece in Pieces) Copy(PiecesTag, Message(inner => WritePiece(inner, piece)), output);
        output.Flush();
        bytes.Write(settings);
        Copy(TrainerTag, Message(trainer => Number(trainer, SizeTag, Pieces.Count)), output); // two occurrences of a message merge, the later field winning
        output.Flush();
        return bytes.ToArray();
    }

    private SentencePieceModel Checked(string path)
    {
        var laidOut = Pieces.Count > 3 && Pieces[Tokenizer.Pad].Type == PieceType.Control && Pieces[Tokenizer.End].Type == PieceType.Control && Pieces[Tokenizer.Unknown].Type == PieceType.Unknown;
        if (!laidOut) throw new InputException(path, "does not begin with the pieces pad, end and unknown", "use a SentencePiece model laid out as T5's");
        if (Unsupported() is { } reason) throw new InputException(path, $"{reason}, which Allometry cannot encode with", "use a unigram model with SentencePiece's usual settings, such as T5's");
        _ = new TextNormalizer(Settings); // its rules are whole
        return this;
    }

    private string? Unsupported()
    {
        var twice = Pieces.GroupBy(piece => piece.Text, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any());
        return Settings.Unsupported
            ?? (Pieces.FirstOrDefault(piece => piece.Type == PieceType.UserDefined) is { } defined ? $"has the user-defined piece '{defined.Text}'" : null)
            ?? (Pieces.Any(piece => piece.Text.Length == 0) ? "has an empty piece" : null)
            ?? (twice is null ? null : $"has the piece '{twice.Key}' twice");
    }

    private static InputException Damaged(string path, Exception e) =>
        new(path, $"is not a whole SentencePiece model ({e.Message})", "get it again; it is damaged, cut short, or of another kind");

    private static Piece ReadPiece(ByteString message)
    {
        var input = message.CreateCodedInput();
        var (text, score, type) = ("", 0f, PieceType.Normal);
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (tag == TextTag) text = input.ReadString();
            else if (tag == ScoreTag) score = input.ReadFloat();
            else if (tag == TypeTag) type = (PieceType)input.ReadEnum();
            else input.SkipLastField();
        }

        return new Piece(text, score, type);
    }

    private static void WritePiece(CodedOutputStream output, Piece piece)
    {
        output.WriteTag(TextTag);
        output.WriteString(piece.Text);
        output.WriteTag(ScoreTag);
        output.WriteFloat(piece.Score);
        Number(output, TypeTag, (int)piece.Type);
    }

    private static void Number(CodedOutputStream output, uint tag, int value)
    {
        output.WriteTag(tag);
        output.WriteInt32(value);
    }

    private static void Copy(uint tag, ByteString message, CodedOutputStream output)
    {
        output.WriteTag(tag);
        output.WriteBytes(message);
    }

    private static ByteString Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        var output = new CodedOutputStream(bytes, FewBytes);
        write(output);
        output.Flush();
        return ByteString.CopyFrom(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }
}
