namespace Allometry.Text;

/// <summary>A piece of a SentencePiece vocabulary: its text with U+2581 for a space, and its natural log-probability.</summary>
public sealed record Piece(string Text, float Score, PieceType Type = PieceType.Normal);

/// <summary>The numbers of sentencepiece_model.proto.</summary>
public enum PieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
