using System.Text.RegularExpressions;

namespace Allometry.Interchange;

/// <summary>Hugging Face's names for the weights of a T5 (modeling_t5.py).</summary>
public static partial class HuggingFaceNames
{
    /// <summary>Hugging Face's name for our weight of an encoder-decoder; a gated feed-forward calls its projections otherwise than a plain one.</summary>
    public static string OfT5(string ours, bool gated) => ours switch
    {
        "embedding.weight" => "shared.weight",
        "head.weight" => "lm_head.weight",
        "encoder.norm.weight" or "decoder.norm.weight" => ours.Replace(".norm.", ".final_layer_norm.", StringComparison.Ordinal),
        "encoder.positions.weight" or "decoder.positions.weight" =>
            ours.Replace(".positions.", ".block.0.layer.0.SelfAttention.relative_attention_bias.", StringComparison.Ordinal),
        _ => SublayerPattern().Match(ours) is { Success: true } match
            ? $"{match.Groups["stack"]}.block.{match.Groups["layer"]}.layer.{match.Groups["sublayer"]}.{Piece(match, gated)}"
            : throw new ArgumentException($"T5 has no weight '{ours}'.", nameof(ours)),
    };

    private static string Piece(Match match, bool gated)
    {
        var attention = match.Groups["sublayer"].Value == "0" ? "SelfAttention" : "EncDecAttention";
        var feedForward = match.Groups["sublayer"].Value == (match.Groups["stack"].Value == "encoder" ? "1" : "2");
        return match.Groups["piece"].Value switch
        {
            "norm" => "layer_norm.weight",
            "mixer.query" => $"{attention}.q.weight",
            "mixer.key" => $"{attention}.k.weight",
            "mixer.value" => $"{attention}.v.weight",
            "mixer.output" => feedForward ? "DenseReluDense.wo.weight" : $"{attention}.o.weight",
            "mixer.gate" => "DenseReluDense.wi_0.weight",
            _ => gated ? "DenseReluDense.wi_1.weight" : "DenseReluDense.wi.weight",
        };
    }

    [GeneratedRegex(@"^(?<stack>encoder|decoder)\.layers\.(?<layer>\d+)\.sublayers\.(?<sublayer>\d+)\.(?<piece>norm|mixer\.(query|key|value|output|gate|input))\.weight$")]
    private static partial Regex SublayerPattern();
}
