using Allometry.Advising;
using Allometry.Models;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>
/// The paper's protocol: of one width raise the depth first, to 32 or 36 layers a stack, before anything else is made larger; then take the next width.
/// </summary>
public sealed record DeepNarrow : Strategy
{
    /// <summary>Where the gain of depth fades, whatever the width (section 5 of the paper, by those who read it).</summary>
    public const int FullDepth = 36;

    private static readonly int[] Depths = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, FullDepth];

    /// <summary>Narrower than the released ones, for budgets below tiny.</summary>
    private static readonly Shape[] Narrow = [new(64, 256, 32, 2, 4, 4), new(128, 512, 32, 4, 4, 4), new(192, 768, 32, 6, 4, 4)];

    private static readonly string[] Released = ["tiny", "mini", "small", "base", "large", "xl", "xxl"];

    /// <summary>The released sizes; below tiny's own depth narrower ones.</summary>
    public static IReadOnlyList<Shape> UsualWidths(Func<Shape, bool> fits)
    {
        Shape[] released = [.. Released.Select(ShapeName.Parse)];
        return fits(released[0]) ? released : [.. Narrow, released[0]];
    }

    public override string Words => "Depth first, then the next width";

    /// <summary>Each width at the greatest depth that fits.</summary>
    public override IReadOnlyList<Shape> Propose(IReadOnlyList<Shape> widths, Func<Shape, bool> fits)
    {
        (Shape Width, int Depth)[] deepest = [.. widths.Select(width => (width, Depths.LastOrDefault(depth => fits(AtDepth(width, depth)))))];
        var next = Array.FindIndex(deepest, pair => pair.Depth < FullDepth);
        if (next < 0) next = deepest.Length - 1;
        // A width that cannot have its own depth is not reached yet: the one before it, at full depth, is.
        if (next > 0 && deepest[next].Depth < Own(deepest[next].Width)) next--;
        return [.. new[] { next, next - 1, next + 1, next - 2 }.Where(i => i >= 0 && i < deepest.Length && deepest[i].Depth > 0).Take(3).Select(i => AtDepth(deepest[i].Width, deepest[i].Depth))];
    }

    /// <summary>Every width at every depth.</summary>
    public override IEnumerable<Shape> Grid(IReadOnlyList<Shape> widths) => from width in widths from depth in Depths select AtDepth(width, depth);

    public override string? WhyUnused(Shape choice) => choice.EncoderLayers + choice.DecoderLayers < FullDepth ? null : "past full depth the protocol takes the next width, and there is none that fits";

    /// <summary>Both stacks of that depth; a model with one stack keeps one.</summary>
    public static Shape AtDepth(Shape width, int depth) => width with { EncoderLayers = width.EncoderLayers > 0 ? depth : 0, DecoderLayers = width.DecoderLayers > 0 ? depth : 0, Name = null };

    private static int Own(Shape width) => Math.Max(width.EncoderLayers, width.DecoderLayers);
}
