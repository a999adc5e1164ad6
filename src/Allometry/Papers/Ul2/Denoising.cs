using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Objectives;

namespace Allometry.Papers.Ul2;

/// <summary>A line of UL2's table: a denoiser, how often it is drawn, and the mode that its inputs begin with.</summary>
public sealed record Denoising(
    [property: Description("Names it in results: validation-loss/R1.")] string Name,
    [property: Description("What is hidden of the text.")] Denoiser Denoiser,
    [property: Description("Share of the examples; left out by all, each has the same."), Range(0.0, 1.0)] double? Rate = null,
    [property: Description("The text that its inputs begin with; none where left out, and \"\" keeps its place empty.")] string? Mode = null);
