using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Stranger.Tests;

/// <summary>Put shuffled tokens back into their order (a baseline of Raffel et al. 2020, section 3.3.1).</summary>
[Kind("deshuffling"), Description("Put shuffled tokens back into their order.")]
public sealed record Deshuffling : Objective
{
    public override ObjectiveLengths Lengths(int inputLength) => new(Raw: inputLength - 1, Inputs: inputLength, Targets: inputLength, Noise: inputLength - 1, Spans: 1);

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var shuffled = tokens.ToArray();
        random.Shuffle(shuffled.AsSpan());
        return new Example([.. shuffled, Tokenizer.End], [.. tokens, Tokenizer.End]);
    }
}
