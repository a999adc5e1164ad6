using Google.Protobuf;

namespace Allometry.Text;

/// <summary>Of a SentencePiece model's trainer and normaliser settings those that decide how a text is encoded; left out in a file they have these defaults.</summary>
internal sealed record SentencePieceSettings
{
    private const int Trainer = 2, Normalizer = 3; // of sentencepiece_model.proto, as all numbers here
    private const int ModelType = 3, SpaceAsSuffix = 24, ByteFallback = 35;
    private const int Map = 2, Prefix = 3, RemoveSpaces = 4, EscapeSpaces = 5;
    private const ulong Unigram = 1;

    public byte[] CharacterMap { get; private init; } = [];

    public bool AddDummyPrefix { get; private init; } = true;

    public bool RemoveExtraWhitespaces { get; private init; } = true;

    /// <summary>What this model asks for and Allometry does not do; null where there is nothing.</summary>
    public string? Unsupported { get; private init; }

    public static SentencePieceSettings Parse(byte[] model)
    {
        var settings = new SentencePieceSettings();
        foreach (var (message, field, number, bytes) in Fields(model)) settings = settings.With(message, field, number, bytes);
        return settings;
    }

    private SentencePieceSettings With(int message, int field, ulong number, byte[] bytes) => (message, field) switch
    {
        (Normalizer, Map) => this with { CharacterMap = bytes },
        (Normalizer, Prefix) => this with { AddDummyPrefix = number != 0 },
        (Normalizer, RemoveSpaces) => this with { RemoveExtraWhitespaces = number != 0 },
        (Normalizer, EscapeSpaces) when number == 0 => this with { Unsupported = "leaves spaces as they are (escape_whitespaces is false)" },
        (Trainer, ModelType) when number != Unigram => this with { Unsupported = "is not a unigram model (model_type)" },
        (Trainer, SpaceAsSuffix) when number != 0 => this with { Unsupported = "puts spaces behind words (treat_whitespace_as_suffix)" },
        (Trainer, ByteFallback) when number != 0 => this with { Unsupported = "writes unknown characters byte by byte (byte_fallback)" },
        _ => this,
    };

    private static IEnumerable<(int Message, int Field, ulong Number, byte[] Bytes)> Fields(byte[] model)
    {
        var outer = new CodedInputStream(model);
        while (outer.ReadTag() is var tag && tag != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) is not (Trainer or Normalizer) || WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
            {
                outer.SkipLastField();
                continue;
            }

            var inner = outer.ReadBytes().CreateCodedInput();
            while (inner.ReadTag() is var member && member != 0)
            {
                var number = WireFormat.GetTagWireType(member) == WireFormat.WireType.Varint ? inner.ReadUInt64() : 0;
                var bytes = WireFormat.GetTagWireType(member) == WireFormat.WireType.LengthDelimited ? inner.ReadBytes().ToByteArray() : [];
                if (WireFormat.GetTagWireType(member) is not (WireFormat.WireType.Varint or WireFormat.WireType.LengthDelimited)) inner.SkipLastField();
                yield return (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagFieldNumber(member), number, bytes);
            }
        }
    }
}
