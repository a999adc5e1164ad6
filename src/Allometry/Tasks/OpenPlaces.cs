using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>
/// Examples for a model that writes nothing: as many places as the longest label has tokens stand open before the text, each holding the first sentinel, and the label's tokens are what should stand there.
/// They stand in front, as BERT's [CLS] does, so that padding behind the text moves none of them.
/// </summary>
public static class OpenPlaces
{
    /// <summary>The places that a task needs; 0 where it has no labels.</summary>
    public static int For(TextTask task, Tokenizer tokenizer) => LabelTokens.Of(task, tokenizer).Select(label => label.Length).DefaultIfEmpty().Max();

    /// <summary>Targets longer than the places are cut.</summary>
    public static Example Before(Example example, int places, Tokenizer tokenizer)
    {
        var open = Enumerable.Repeat(tokenizer.Sentinel(0), places);
        var answer = example.Targets.Take(places).ToArray();
        return new([.. open, .. example.Inputs], [.. answer, .. new int[places - answer.Length + example.Inputs.Length]]);
    }

    public static BatchSource Before(BatchSource batches, int places, Tokenizer tokenizer) => new OpenBatches(batches, places, tokenizer);

    private sealed class OpenBatches(BatchSource batches, int places, Tokenizer tokenizer) : BatchSource
    {
        public override IReadOnlyList<Example> At(long step) => [.. batches.At(step).Select(example => Before(example, places, tokenizer))];
    }
}
