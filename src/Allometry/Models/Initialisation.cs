using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>What a weight does, as far as its first values depend on it.</summary>
public enum WeightRole
{
    Embedding,
    Attention,
    FeedForward,
    Router,
    PositionBias,
    Scale,
    Head,
    Bias,
}

/// <summary>How a weight starts: its role and the standard deviation that its fan-in asks for.</summary>
public sealed record Beginning(WeightRole Role, double Deviation = 1);

/// <summary>A rule for the first values of all weights, drawn from torch's default generator.</summary>
public abstract record Initialisation
{
    /// <summary>Fills a weight in place.</summary>
    public abstract void Fill(Tensor weight, Beginning beginning);

    /// <summary>
    /// A normal distribution cut at two standard deviations, without correcting the variance (TensorFlow's truncated normal), by inverting its distribution function:
    /// TorchSharp's trunc_normal_ fills with a constant.
    /// </summary>
    protected static void Truncated(Tensor weight, double deviation) =>
        weight.uniform_(-WithinTwo, WithinTwo).erfinv_().mul_(deviation * Math.Sqrt(2)).clamp_(-2 * deviation, 2 * deviation);

    /// <summary>erf(sqrt 2): the share of a normal distribution within two standard deviations.</summary>
    private const double WithinTwo = 0.9544997361036416;
}

/// <summary>Mesh TensorFlow's rule, with which T5 was trained (attention.py init_weights, layers.py VarianceScalingInitializer).</summary>
[Kind("mesh")]
public sealed record MeshInitialisation : Initialisation
{
    public override void Fill(Tensor weight, Beginning beginning)
    {
        switch (beginning.Role)
        {
            case WeightRole.Scale:
                weight.fill_(1);
                break;
            case WeightRole.Bias:
                weight.zero_();
                break;
            case WeightRole.PositionBias:
                nn.init.xavier_uniform_(weight);
                break;
            case WeightRole.FeedForward or WeightRole.Head:
                Truncated(weight, beginning.Deviation);
                break;
            default:
                weight.normal_(0, beginning.Deviation);
                break;
        }
    }
}

/// <summary>Hugging Face's rule for T5 (modeling_t5.py, _init_weights, factor 1); its untied head starts at standard deviation 1.</summary>
[Kind("hugging-face")]
public sealed record HuggingFaceInitialisation : Initialisation
{
    public override void Fill(Tensor weight, Beginning beginning)
    {
        if (beginning.Role == WeightRole.Scale)
            weight.fill_(1);
        else
            weight.normal_(0, beginning.Role switch { WeightRole.Head => 1, WeightRole.Bias => 0, _ => beginning.Deviation });
    }
}

/// <summary>Every matrix from one normal distribution, scales 1 and biases 0, as BERT and GPT-2 begin (modeling_bert.py, modeling_gpt2.py, _init_weights).</summary>
[Kind("normal")]
public sealed record NormalInitialisation([property: Description("Standard deviation."), Range(1e-6, 10.0)] double Deviation = 0.02) : Initialisation
{
    public override void Fill(Tensor weight, Beginning beginning)
    {
        if (beginning.Role == WeightRole.Scale)
            weight.fill_(1);
        else
            weight.normal_(0, beginning.Role == WeightRole.Bias || beginning.Deviation == 0 ? 0 : Deviation);
    }
}
