namespace Allometry.Analysis.Laws;

/// <summary>
/// y = E + A/x1^alpha + B/x2^beta + ...: the form of most laws. Fitted on ln y with Huber's loss and centred logarithms, from which every start reaches the minimum
/// where uncentred ones end elsewhere (Chinchilla's approach 3 as others have redone it).
/// </summary>
/// <param name="Floor">Whether there is an E, which nothing falls below.</param>
/// <param name="Terms">How many of the X are powers; those behind them are linear in the logarithm of the first term.</param>
/// <param name="Tied">All terms have the same exponent.</param>
public sealed record PowerSum(bool Floor, int Terms, bool Tied = false, int Linear = 0)
{
    // Shares of the typical y that a term may have, and exponents, from which fits start.
    private static readonly double[] FloorShares = [0.2, 0.6], TermShares = [0.1, 0.5], Exponents = [0.2, 0.45];

    private int FirstTerm => Floor ? 1 : 0;
    private int FirstExponent => FirstTerm + Terms;
    private int ExponentsFitted => Tied ? 1 : Terms;
    private int FirstLinear => FirstExponent + ExponentsFitted;

    /// <summary>How many parameters are free.</summary>
    public int Free => FirstLinear + Linear;

    /// <summary>Parameters in the order E, A, B, ..., alpha, beta, ..., linear ones; a tied exponent is repeated for each term.</summary>
    public Estimate Fit(IReadOnlyList<Observation> points, Huber huber, IReadOnlyList<double>? near = null)
    {
        var means = Enumerable.Range(0, Terms).Select(term => points.Average(point => Math.Log(point.X[term]))).ToArray();
        var fit = new RobustFit(Form().Log, [.. points.Select(point => Features(point.X, means))], [.. points.Select(point => Math.Log(point.Y))], huber);
        var starts = Starts(points.Average(point => Math.Log(point.Y)));
        var minimum = near is null ? fit.Minimise(starts) : fit.Minimise([Centred(near, means), starts[0], starts[^1]], RobustFit.Rough);
        return new(Natural(minimum.Coefficients, means), minimum.Objective, minimum.Agreeing, minimum.Starts, minimum.Steepness);
    }

    public double At(IReadOnlyList<double> parameters, IReadOnlyList<double> x)
    {
        var sum = Floor ? parameters[0] : 0;
        for (var term = 0; term < Terms; term++)
        {
            var power = parameters[FirstTerm + term] * Math.Pow(x[term], -parameters[FirstExponent + term]);
            for (var k = 0; term == 0 && k < Linear; k++) power *= Math.Exp(parameters[FirstExponent + Terms + k] * x[Terms + k]);
            sum += power;
        }
        return sum;
    }

    private ExponentialSum Form()
    {
        var terms = Enumerable.Range(0, Terms).Select(term => new List<(int, int)> { (FirstTerm + term, 0), (FirstExponent + (Tied ? 0 : term), 1 + term) }).ToList();
        terms[0].AddRange(Enumerable.Range(0, Linear).Select(k => (FirstLinear + k, 1 + Terms + k)));
        return new([.. Floor ? [[(0, 0)]] : Array.Empty<(int, int)[]>(), .. terms.Select(term => term.ToArray())]);
    }

    private double[] Features(IReadOnlyList<double> x, double[] means) =>
        [1, .. Enumerable.Range(0, Terms).Select(term => means[term] - Math.Log(x[term])), .. x.Skip(Terms).Take(Linear)];

    private List<double[]> Starts(double logY)
    {
        var floors = Floor ? FloorShares.Select(share => new[] { logY + Math.Log(share) }) : [[]];
        var levels = Product(Terms, TermShares.Select(share => logY + Math.Log(share)));
        return [.. from floor in floors
                   from level in levels
                   from exponent in Product(ExponentsFitted, Exponents)
                   select (double[])[.. floor, .. level, .. exponent, .. new double[Linear]]];
    }

    private static List<double[]> Product(int length, IEnumerable<double> choices)
    {
        IEnumerable<double[]> all = [[]];
        for (var i = 0; i < length; i++) all = [.. from begun in all from choice in choices select (double[])[.. begun, choice]];
        return [.. all];
    }

    private double[] Natural(double[] fitted, double[] means)
    {
        var exponents = Enumerable.Range(0, Terms).Select(term => fitted[FirstExponent + (Tied ? 0 : term)]).ToArray();
        var scales = Enumerable.Range(0, Terms).Select(term => Math.Exp(fitted[FirstTerm + term] + exponents[term] * means[term]));
        return [.. fitted.Take(FirstTerm).Select(Math.Exp), .. scales, .. exponents, .. fitted[FirstLinear..]];
    }

    private double[] Centred(IReadOnlyList<double> natural, double[] means)
    {
        var scales = Enumerable.Range(0, Terms).Select(term => Math.Log(natural[FirstTerm + term]) - natural[FirstExponent + term] * means[term]);
        return [.. natural.Take(FirstTerm).Select(floor => Math.Log(Math.Max(floor, 1e-9))), .. scales, .. natural.Skip(FirstExponent).Take(ExponentsFitted), .. natural.Skip(FirstExponent + Terms)];
    }
}
