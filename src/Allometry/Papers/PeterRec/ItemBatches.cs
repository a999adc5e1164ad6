using Allometry.Tasks;
using Allometry.Tasks.Items;
using Allometry.Text;

namespace Allometry.Papers.PeterRec;

/// <summary>Questions as examples, in an order of its own every epoch; with a loss of pairs another answer stands behind the right one, drawn anew each time.</summary>
internal sealed class ItemBatches(IReadOnlyList<Example> examples, int? others, int batch, long seed) : BatchSource
{
    private readonly Epochs epochs = new(examples.Count, seed, "questions");

    public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, batch).Select(i => Make((step * batch) + i))];

    private Example Make(long index)
    {
        var example = examples[epochs.At(index)];
        if (others is not { } answers) return example;
        return example with { Targets = [example.Targets[0], 1 + NextItems.Other(example.Targets[0] - 1, answers, RandomStream.For(seed, "other answers", index))] };
    }
}
