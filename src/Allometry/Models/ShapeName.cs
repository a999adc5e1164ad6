using System.Globalization;

namespace Allometry.Models;

/// <summary>Names of shapes: the released sizes with their modifiers, and written-out ones.</summary>
public static class ShapeName
{
    /// <summary>The shape's own name, or its sizes in the modifiers' codes: <c>dm128-ff512-kv32-nh4-el2-dl2</c>.</summary>
    public static string Of(Shape shape) => shape.Name ?? string.Create(CultureInfo.InvariantCulture,
        $"dm{shape.ModelWidth}-ff{shape.FeedForwardWidth}-kv{shape.HeadWidth}-nh{shape.Heads}-el{shape.EncoderLayers}-dl{shape.DecoderLayers}");
}
