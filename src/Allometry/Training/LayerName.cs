using System.Globalization;
using System.Text.RegularExpressions;

namespace Allometry.Training;

/// <summary>The name of a weight in a layer: <c>decoder.layers.3.sublayers.0.mixer.query.weight</c>.</summary>
/// <param name="Stack">decoder</param>
/// <param name="Rest">sublayers.0.mixer.query.weight</param>
public sealed partial record LayerName(string Stack, int Layer, string Rest)
{
    /// <summary>Null for a weight outside the layers.</summary>
    public static LayerName? Of(string name) => Form().Match(name) is { Success: true } parts
        ? new(parts.Groups["stack"].Value, int.Parse(parts.Groups["layer"].Value, CultureInfo.InvariantCulture), parts.Groups["rest"].Value)
        : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stack}.layers.{Layer}.{Rest}");

    [GeneratedRegex(@"^(?<stack>\w+)\.layers\.(?<layer>\d+)\.(?<rest>.+)$")]
    private static partial Regex Form();
}
