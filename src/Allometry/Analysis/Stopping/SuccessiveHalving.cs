using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Allometry.Kinds;

namespace Allometry.Analysis.Stopping;

/// <summary>
/// Successive halving (Jamieson and Talwalkar 2016), for a frontier in place of one best: at each rung a share of the shapes goes on, those first that no other beats in loss so far at no higher cost,
/// then those that only these beat, and so on. It foretells nothing and promises no error rate.
/// </summary>
[Kind("successive-halving")]
[Description("Gives up a fixed share at each rung: those that most others beat so far at no higher cost.")]
public sealed record SuccessiveHalving(
    [property: Description("Share of the shapes that goes on at each rung."), Range(0.01, 0.99)] double Keep = 0.5) : StoppingRule
{
    public override IReadOnlyList<Lost> Decide(IReadOnlyList<Contender> contenders)
    {
        var kept = Math.Max(1, (int)Math.Ceiling(Keep * contenders.Count));
        var ranked = Layers([.. contenders.Select(one => (one, SoFar(one)))]).SelectMany((layer, i) => layer.OrderBy(one => one.Loss).ThenBy(one => one.Contender.Name, StringComparer.Ordinal).Select(one => (one.Contender, Layer: i, one.Loss)));
        return [.. ranked.Skip(kept).Where(one => one.Contender.Final is null)
            .Select(one => new Lost(one.Contender.Name, string.Create(CultureInfo.InvariantCulture, $"with a held-out loss of {one.Loss:0.000} so far it is not among the {kept} of {contenders.Count} shapes that go on")))];
    }

    /// <summary>The shapes that none of the others beats, then those that none of the rest beats, and so on.</summary>
    private static IEnumerable<(Contender Contender, double Loss)[]> Layers(List<(Contender Contender, double Loss)> rest)
    {
        while (rest.Count > 0)
        {
            var layer = rest.Where(one => !rest.Any(other => Beats(other, one))).ToArray();
            yield return layer;
            rest.RemoveAll(layer.Contains);
        }
    }

    private static bool Beats((Contender Contender, double Loss) one, (Contender Contender, double Loss) other) =>
        one.Loss < other.Loss && Enumerable.Range(0, one.Contender.Costs.Count).All(cost => one.Contender.CostsNoMoreThan(other.Contender, cost));

    /// <summary>A loss that is no number any more counts as the worst.</summary>
    private static double SoFar(Contender one)
    {
        var mean = one.Runs.Average(run => run.Curve.Count == 0 ? double.PositiveInfinity : run.Curve[^1].Loss);
        return double.IsNaN(mean) ? double.PositiveInfinity : mean;
    }
}
