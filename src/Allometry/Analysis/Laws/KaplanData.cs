using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>L = (Dc/D)^alphaD of large models stopped early (Kaplan et al. 2020, equation 1.2).</summary>
[Kind("kaplan-d"), Description("L = (Dc/D)^alphaD, large models stopped early.")]
public sealed record KaplanData : LogLinearLaw
{
    public override string Formula => "L = (Dc/D)^alphaD";

    public override IReadOnlyList<string> Symbols { get; } = ["Dc", "alphaD"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Tokens];

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => Math.Pow(parameters[0] / x[0], parameters[1]);

    protected override IReadOnlyList<double> FromLine(double slope, double intercept) => [Math.Exp(-intercept / slope), -slope];
}
