using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.PeterRec;

/// <summary>Where a block's patches stand; c is a convolution's output and x what it was given.</summary>
public enum PatchSites
{
    /// <summary>c + branch(c) after both convolutions.</summary>
    Serial2,

    /// <summary>The same after the second only.</summary>
    Serial1,

    /// <summary>c + x + branch(x) at both: not what was pre-trained, even where the branch is zero.</summary>
    Parallel2Skip,

    /// <summary>c + branch(x) at both.</summary>
    Parallel2NoSkip,
}

/// <summary>PeterRec's model patches inside convolution blocks.</summary>
[Kind("convolution")]
public sealed record ConvolutionPatch(
    [property: Description("Width of a branch; the authors took a quarter of the model width, others call an eighth the paper's."), Range(1, 1 << 16)] int Width,
    [property: Description("Where branches stand in a block.")] PatchSites Sites = PatchSites.Serial2,
    [property: Description("Whether a branch gives exactly zero at first.")] bool FromZero = false) : Patch
{
    public override Cost Count(Place place, Setting setting) => Cost.None;

    public override nn.Module<Tensor, Tensor>? Build(Place place) => null;

    /// <summary>What the branches of one block cost.</summary>
    internal Cost CountSites(Place place, Setting setting) =>
        Enumerable.Range(0, 2).Where(Stands).Aggregate(Cost.None, (sum, site) => sum + BottleneckModule.Count(site == 0 ? "firstpatch" : "secondpatch", Width, place, setting));

    /// <summary>The branch at the first (0) or second (1) convolution; null where none stands.</summary>
    internal BottleneckModule? BuildSite(int site, Place place) => Stands(site) ? new(Width, FromZero, place) : null;

    /// <summary>What enters the norm of a convolution that was given x and gave y.</summary>
    internal Tensor Graft(BottleneckModule branch, Tensor x, Tensor y) => Sites switch
    {
        PatchSites.Parallel2Skip => y + x + branch.forward(x),
        PatchSites.Parallel2NoSkip => y + branch.forward(x),
        _ => y + branch.forward(y),
    };

    private bool Stands(int site) => site == 1 || Sites != PatchSites.Serial1;
}
