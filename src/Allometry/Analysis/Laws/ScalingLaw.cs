using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>
/// How one quantity follows others over many runs. A law reads rows, makes the points that it is fitted to (most take the rows as they are), finds its parameters
/// and foretells. It knows nothing of where rows come from; intervals, back-tests and what may be foretold at all are the same for every law (<see cref="LawFit"/>).
/// </summary>
public abstract record ScalingLaw
{
    /// <summary>The law as people write it.</summary>
    public abstract string Formula { get; }

    /// <summary>Names of the parameters, as papers write them.</summary>
    public abstract IReadOnlyList<string> Symbols { get; }

    /// <summary>What is given of a row, in the order of <see cref="Observation.X"/>.</summary>
    public abstract IReadOnlyList<Variable> Reads { get; }

    /// <summary>What was measured of a row.</summary>
    public virtual Variable Measures => Variable.Loss;

    /// <summary>What a point is foretold from, in the order of its X.</summary>
    public virtual IReadOnlyList<Variable> Arguments => Reads;

    /// <summary>What is foretold.</summary>
    public virtual Variable Predicts => Variable.Loss;

    /// <summary>Rows of one run are many, and are drawn together.</summary>
    public virtual bool ReadsCurves => false;

    /// <summary>What points must differ in, or nothing can be said of how the prediction goes with it.</summary>
    public virtual IReadOnlyList<Variable> Differs => Arguments;

    /// <summary>The law for a table that has columns for these variables, in some of which its rows differ: a law that can do with one of several picks it.</summary>
    public virtual ScalingLaw For(IReadOnlySet<Variable> given, IReadOnlySet<Variable> differing) => this;

    /// <summary>What the law is fitted to.</summary>
    public virtual IReadOnlyList<Observation> Points(IReadOnlyList<Observation> rows) => rows;

    /// <param name="near">Parameters to start from, of a fit to most of the same rows; null: many starts.</param>
    public abstract Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null);

    public abstract double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x);

    /// <summary>What a row or a point costs, for back-tests that fit the cheap and foretell the dear.</summary>
    public virtual double Cost(IReadOnlyList<double> x) => x[0];

    /// <summary>The gap between what was foretold and what was seen, in the terms in which the law is fitted.</summary>
    public virtual double Residual(double predicted, double observed) => Math.Log(predicted) - Math.Log(observed);

    /// <summary>What a gap added to a prediction makes of it: the inverse of <see cref="Residual"/>.</summary>
    public virtual double Shifted(double predicted, double residual) => predicted * Math.Exp(residual);

    /// <summary>What follows from the parameters and is better determined than they are.</summary>
    public virtual IReadOnlyList<(string Symbol, double Value)> Derived(IReadOnlyList<double> parameters) => [];

    /// <summary>Other parameters that the rows allow as well, drawn at random; null where runs are resampled and fitted again.</summary>
    public virtual IReadOnlyList<IReadOnlyList<double>>? Draws(IReadOnlyList<Observation> points, int count, long seed) => null;

    /// <summary>Where a prediction lies, where theory says it better than draws; else null.</summary>
    public virtual Interval? ExactInterval(IReadOnlyList<Observation> points, IReadOnlyList<double> x) => null;

    /// <summary>The arguments in their order, from what a person gives; null where something is missing.</summary>
    public virtual IReadOnlyList<double>? Resolve(IReadOnlyList<double> parameters, IReadOnlyDictionary<Variable, double> at) =>
        at.Count == Arguments.Count && Arguments.All(at.ContainsKey) ? [.. Arguments.Select(variable => at[variable])] : null;

    /// <summary>Which of the symbols are exponents.</summary>
    public virtual IEnumerable<string> Exponents => Symbols.Where(symbol => symbol is "a" or "beta" or "gamma" || symbol.StartsWith("alpha", StringComparison.Ordinal));

    /// <summary>Why nothing may be foretold with these parameters; null where something may.</summary>
    public string? Objection(IReadOnlyList<double> parameters) => ExponentRule.Objection(Predicts.Title.ToLowerInvariant(), Symbols.Zip(parameters).Where(pair => Exponents.Contains(pair.First)));

    /// <summary>What a careful reader should know of this fit.</summary>
    public virtual IEnumerable<string> Doubts(IReadOnlyList<Observation> points, Estimate estimate) => [];

    /// <summary>The fewest points that the law can be fitted to.</summary>
    public virtual int FewestPoints => Symbols.Count;

    public string Name => Catalogue.NameOf(this);
}
