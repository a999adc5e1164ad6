using Allometry.Analysis;
using Allometry.Analysis.Stopping;
using Allometry.Text;

namespace Allometry.Tests.Analysis.Stopping;

/// <summary>A study whose ends are known: curves drawn from laws, with noise along the way, between seeds, and in what the fall of the rate brings at the end.</summary>
/// <param name="Curves">By shape and seed: losses at equal distances, the last at the end.</param>
internal sealed record SimulatedStudy(IReadOnlyList<double> Costs, IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> Curves)
{
    public const int Points = 40;

    public static SimulatedStudy Draw(RandomStream random, int shapes = 12, int seeds = 1, double noise = 0.004, double fall = 0.12, double fallSpread = 0.25, double apart = 0.1)
    {
        double Normal() => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, Math.Clamp(random.Uniform(), 1e-9, 1 - 1e-9));
        var costs = Enumerable.Range(0, shapes).Select(_ => Math.Exp(3 * random.Uniform())).ToArray();
        return new(costs, [.. costs.Select(cost =>
        {
            // What a cost buys, how well this shape uses it, and how fast it learns.
            var (least, amplitude, exponent) = (2.2 + (1.0 * Math.Pow(cost, -0.15)) + (apart * Math.Abs(Normal())), 0.35 * Math.Exp(0.2 * Normal()), 0.45 * Math.Exp(0.15 * Normal()));
            var drop = fall * (1 + (fallSpread * Normal()));
            return (IReadOnlyList<IReadOnlyList<double>>)[.. Enumerable.Range(0, seeds).Select(_ => Curve(least + (0.01 * Normal()), amplitude, exponent, drop, noise, Normal))];
        })]);
    }

    public string[] Frontier() => [.. Allometry.Analysis.Frontier.Of(Costs.Select((cost, i) => new ParetoPoint(Name(i), cost, -Curves[i].Average(curve => curve[^1])))).Points.Select(point => point.Name)];

    /// <summary>What a rule gives up, and the share of all steps that is then made.</summary>
    public (HashSet<string> Lost, double Share) Run(StoppingRule rule)
    {
        var byCost = Enumerable.Range(0, Costs.Count).OrderBy(i => Costs[i]).ToArray();
        var pilots = Enumerable.Range(0, rule.PilotCount).Select(k => byCost[(int)((k + 0.5) * Costs.Count / rule.PilotCount)]).ToHashSet();
        var (lost, spent) = (new HashSet<string>(), 0.0);
        for (var rung = 0; rung < rule.Rungs.Count; rung++)
        {
            var points = Curves[0][0].Count;
            var known = (int)(rule.Rungs[rung] * points);
            var inIt = Enumerable.Range(0, Costs.Count).Where(i => !lost.Contains(Name(i))).ToArray();
            var given = rule.Decide([.. inIt.Select(i => new Contender(Name(i), [Costs[i]], [.. Curves[i].Select(curve => new UnfinishedRun(
                [.. Enumerable.Range(1, known).Select(k => (100L * k, curve[k - 1]))], 100 * points, pilots.Contains(i) ? curve[^1] : null))]))]);
            spent += given.Sum(one => Costs[int.Parse(one.Name, System.Globalization.CultureInfo.InvariantCulture)] * rule.Rungs[rung]);
            lost.UnionWith(given.Select(one => one.Name));
        }
        return (lost, (spent + Enumerable.Range(0, Costs.Count).Where(i => !lost.Contains(Name(i))).Sum(i => Costs[i])) / Costs.Sum());
    }

    public static string Name(int shape) => shape.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static double[] Curve(double least, double amplitude, double exponent, double drop, double noise, Func<double> normal)
    {
        var (drift, curve) = (0.0, new double[Points]);
        for (var k = 1; k <= Points; k++)
        {
            drift = (0.6 * drift) + (0.8 * normal()); // neighbours err alike
            var fallen = Math.Max(0, (k - (0.8 * Points)) / (0.2 * Points));
            curve[k - 1] = least + (amplitude * Math.Pow((double)k / Points, -exponent)) - (drop * fallen) + (noise * drift);
        }
        return curve;
    }
}
