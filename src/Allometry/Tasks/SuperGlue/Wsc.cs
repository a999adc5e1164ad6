using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks.SuperGlue;

/// <summary>
/// WSC as SuperGLUE publishes it to T5's wsc_simple: the pronoun between stars, the noun phrase as the answer. Columns text, referent and label.
/// Train keeps only the rows whose noun phrase is what the pronoun means.
/// </summary>
[Kind("wsc")]
public sealed record Wsc : Conversion
{
    public override IEnumerable<string> Columns => ["text", "target", "label"];

    public override IEnumerable<Row> Rows(Row row, Split split, Action<Problem> report)
    {
        if (Cell<Spans>(row, "target", "{ span1_text, span1_index, span2_text, span2_index }", report) is not { } given) return [];
        var (text, label) = (row.Cells["text"], row.Cells["label"]);
        if (label is not ("true" or "false")) return Wrong(row, report, $"the column 'label' holds '{label}', which is no label", "write true or false");
        if (split == Split.Train && label == "false") return [];
        var spans = given.Mended(text);
        return Marked(text, spans) is { } marked
            ? [Converted(row, null, ("text", marked), ("referent", spans.Span1Text), ("label", label))]
            : Wrong(row, report, $"word {spans.Span2Index} of its text is not the pronoun '{spans.Span2Text}'", "count words from 0, apart by one space, and not the first");
    }

    // The pronoun becomes X, and then every X that stands alone becomes the marked pronoun.
    private static string? Marked(string text, Spans spans)
    {
        if (Misplaced.GetValueOrDefault(text) is { } known) return Named(known, spans);
        var words = text.Split(' ');
        if (spans.Span2Index <= 0 || spans.Span2Index >= words.Length || words[spans.Span2Index] != spans.Span2Text) return null;
        return Named($"{string.Join(' ', words[..spans.Span2Index])} X {string.Join(' ', words[(spans.Span2Index + 1)..])}", spans);
    }

    private static string Named(string text, Spans spans) => text.Replace(" X ", $" *{spans.Span2Text}* ", StringComparison.Ordinal);

    // Two texts whose index is wrong, mended by hand in T5's preprocessors.py (_wsc_inputs).
    private static readonly Dictionary<string, string> Misplaced = new(StringComparer.Ordinal)
    {
        ["The boy continued to whip the pony , and eventually the pony threw him over. John laughed out quite loud. \"Good for him,\" he said. "] =
            "The boy continued to whip the pony , and eventually the pony threw him over. John laughed out quite loud. \"Good for X ,\" he said.",
        ["When they had eventually calmed down a bit , and had gotten home, Mr. Farley put the magic pebble in an iron safe . Some day they might want to use it , but really for now, what more could they wish for?"] =
            "When they had eventually calmed down a bit , and had gotten home, Mr. Farley put the magic pebble in an iron safe . Some day they might want to use X , but really for now, what more could they wish for?",
    };

    private static Row[] Wrong(Row row, Action<Problem> report, string what, string mend)
    {
        report(new Problem(row.Where, what, mend));
        return [];
    }

    private sealed record Spans(string Span1Text, int Span1Index, string Span2Text, int Span2Index)
    {
        // super_glue/wsc.fixed of TensorFlow Datasets: spans that are not in the text as they stand.
        public Spans Mended(string text)
        {
            var index = Span1Text.Contains("theyscold", StringComparison.Ordinal) || Span2Text.Contains("theyscold", StringComparison.Ordinal) ? 10 : Span2Index;
            return this with { Span1Text = Mend(Span1Text, Span1Index, text), Span2Text = Mend(Span2Text, index, text), Span2Index = index };
        }

        private static string Mend(string span, int index, string text)
        {
            var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (span.Length == 0 || text.Contains(span, StringComparison.Ordinal) || index < 0 || index >= words.Length || span is "Kamenev and Zinoviev" or "Kamenev, Zinoviev, and Stalin") return span;
            var first = char.IsLower(words[index][0]) ? char.ToLowerInvariant(span[0]) : char.ToUpperInvariant(span[0]);
            return (first + span[1..]).TrimEnd('.').Replace('\n', ' ');
        }
    }
}
