using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.Switch;

/// <summary>Matrices start with standard deviation (scale / fan-in)^0.5, from a normal distribution cut at twice that; everything else, routers among it, as in Mesh TensorFlow.</summary>
[Kind("switch"), Description("Smaller first values for all matrices (Switch Transformer, table 3).")]
public sealed record SwitchInitialisation([property: Description("What the variance is multiplied by; 1 is the usual size."), Range(1e-9, 1e3)] double Scale = 0.1) : Initialisation
{
    private const double Cut = 0.87962566103423978; // the standard deviation of a standard normal distribution within two of its own

    public override void Fill(Tensor weight, Beginning beginning)
    {
        if (beginning.Role is WeightRole.Attention or WeightRole.FeedForward or WeightRole.Head) Truncated(weight, Math.Sqrt(Scale) * beginning.Deviation / Cut);
        else new MeshInitialisation().Fill(weight, beginning);
    }
}
