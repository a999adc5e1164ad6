using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>Pre-training examples: step s takes segments s x batch onwards, each corrupted by a stream of its own, so that a text met again in a later epoch is hidden otherwise.</summary>
public sealed class PretrainingBatches(Segments segments, Objective objective, Tokenizer tokenizer, int batch, long seed) : BatchSource
{
    public override IReadOnlyList<Example> At(long step)
    {
        var tokens = new int[segments.Length];
        var examples = new Example[batch];
        for (var i = 0; i < batch; i++)
        {
            var index = (step * batch) + i;
            segments.Read(index, tokens);
            examples[i] = objective.Make(tokens, tokenizer, RandomStream.For(seed, "objective", index));
        }

        return examples;
    }
}
