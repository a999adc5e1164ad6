using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>A SentencePiece file laid out as T5's: pad 0, end 1, unknown 2; sentinels are added above its pieces.</summary>
[Kind("sentence-piece")]
public sealed record SentencePieceVocabulary(
    [DataFile][property: Description("Path of the SentencePiece file (T5's is spiece.model).")] string Path,
    [property: Description("Sentinels above the pieces; T5 has 100.")][Range(0, 65_536)] int Sentinels = 100) : Vocabulary
{
    public override Tokenizer Load(string cacheFolder) => new PieceTokenizer(SentencePieceModel.Read(Path), Sentinels, Added);
}
