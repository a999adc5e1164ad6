using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Generation;

/// <summary>Beam search: the likeliest beginnings of an answer are looked at side by side, and the best whole answer is taken.</summary>
[Kind("beam")]
public sealed record BeamDecoding(
    [Description("Beginnings that are looked at side by side."), Range(1, 1024)] int Width = 4,
    [Description("An answer's score is the sum of its log-probabilities divided by this power of its length: above 0, longer answers gain."), Range(-10.0, 10.0)] double LengthPenalty = 1,
    [Description("Whether the search ends as soon as there are width whole answers; if not, once no beginning has a better score than the worst of them.")] bool EarlyStopping = true) : Decoding
{
    internal override Search Begin(Limits limits, long key) => new BeamSearch(this, limits);

    internal override Tensor Prepare(Tensor logits) => logits.log_softmax(-1);
}
