using Allometry.Generation;
using Allometry.Text;

namespace Allometry.Cli;

/// <summary>Writes the answers of a batch as they come, in the order of their prompts, one a line: of the first that is not done as much as is certain.</summary>
public sealed class AnswerStream(TextWriter output, Tokenizer tokenizer, int rows)
{
    private readonly Written?[] done = new Written?[rows];
    private int row;
    private string shown = "";

    public void Watch(int of, Written soFar, bool done)
    {
        if (done) this.done[of] = soFar;
        else if (of == row && soFar.Tokens.Count > 0) Show(Certain(Line(soFar)));
        for (; row < rows && this.done[row] is { } answer; row++) End(Line(answer));
    }

    private string Line(Written written) => written.Text(tokenizer).ReplaceLineEndings("\\n");

    // A character whose bytes are not all there yet reads as U+FFFD.
    private static string Certain(string text) => text.TrimEnd('\uFFFD');

    private void Show(string text)
    {
        if (!text.StartsWith(shown, StringComparison.Ordinal) || text.Length == shown.Length) return;
        output.Write(text[shown.Length..]);
        output.Flush();
        shown = text;
    }

    private void End(string text)
    {
        Show(text);
        output.WriteLine();
        output.Flush();
        shown = "";
    }
}
