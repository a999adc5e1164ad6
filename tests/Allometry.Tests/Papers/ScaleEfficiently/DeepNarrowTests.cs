using Allometry.Advising;
using Allometry.Models;
using Allometry.Papers.ScaleEfficiently;

namespace Allometry.Tests.Papers.ScaleEfficiently;

/// <summary>The protocol is held to its rule.</summary>
public sealed class DeepNarrowTests
{
    [Fact]
    public void Depth_is_used_up_before_the_next_width_is_taken()
    {
        var trial = Trial.Usual();
        Shape[] widths = [.. new[] { "small", "base", "large" }.Select(ShapeName.Parse)];
        string Choice(double parameters) => Words(new DeepNarrow().Propose(widths, shape => trial.Of(shape).Load.Parameters <= parameters)[0]);
        Assert.Equal("512 x 16", Choice(134e6));   // small-nl16, the paper's answer to base
        Assert.Equal("768 x 16", Choice(300e6));   // base at its own depth fits, so its width is taken
        Assert.Equal("768 x 36", Choice(640e6));   // base-nl36, the paper's answer to large
        Assert.Equal("1024 x 36", Choice(1.1e9));  // large-nl36, the paper's answer to XL
        Assert.Empty(new DeepNarrow().Propose(widths, _ => false));
    }

    private static string Words(Shape shape) => $"{shape.ModelWidth} x {shape.EncoderLayers}";
}
