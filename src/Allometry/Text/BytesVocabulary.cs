using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>UTF-8 bytes as ByT5 reads them: pad 0, end 1, unknown 2 (never made), byte b is b + 3.</summary>
[Kind("bytes")]
public sealed record BytesVocabulary(
    [property: Description("Sentinels above the bytes; the default fills ByT5's table of 384 rows.")][Range(0, 65_536)] int Sentinels = 125) : Vocabulary
{
    public override Tokenizer Load(string cacheFolder) => new ByteTokenizer(Sentinels, Added);
}
