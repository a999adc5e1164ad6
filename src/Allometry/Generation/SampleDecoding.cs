using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Generation;

/// <summary>Draws every token by its probability.</summary>
[Kind("sample")]
public sealed record SampleDecoding(
    [Description("Scores are divided by it: below 1 the likely tokens become likelier, above 1 all become more alike."), Range(0.001, 1000.0)] double Temperature = 1,
    [Description("Only so many of the likeliest tokens are drawn from; 0: all."), Range(0, int.MaxValue)] int TopK = 0,
    [Description("Only the likeliest tokens that together have this probability are drawn from (Holtzman et al. 2020)."), Range(0.0, 1.0, MinimumIsExclusive = true)] double TopP = 1,
    [Description("Chance: an answer is a function of it, of the prompt and of which prompt it is.")] long Seed = 0) : Decoding
{
    internal override Search Begin(Limits limits, long key) => new Walk(limits, new Draw(this, RandomStream.For(Seed, "decoding", key)).Choose);
}
