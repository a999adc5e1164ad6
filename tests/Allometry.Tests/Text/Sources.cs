using System.Runtime.CompilerServices;
using System.Text;
using Allometry.Text;

namespace Allometry.Tests.Text;

/// <summary>The committed files that the tests of text read, and T5's tokenizer, loaded once.</summary>
internal static class Sources
{
    public static string Root { get; } = Find();

    public static string Pieces => Path.Combine(Root, "data", "vocabulary", "t5", "spiece.model");

    public static string Smoke => Path.Combine(Root, "data", "smoke", "text.jsonl");

    public static string Tokenisations => Path.Combine(Root, "tests", "goldens", "tok-t5-32k", "golden-sentencepiece.jsonl");

    public static PieceTokenizer T5 { get; } = new(SentencePieceModel.Read(Pieces), 100);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Find([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
