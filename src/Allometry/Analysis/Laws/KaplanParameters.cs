using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>L = (Nc/N)^alphaN of converged models with unlimited data; N without embeddings (Kaplan et al. 2020, equation 1.1).</summary>
[Kind("kaplan-n"), Description("L = (Nc/N)^alphaN, converged, unlimited data.")]
public sealed record KaplanParameters : LogLinearLaw
{
    public override string Formula => "L = (Nc/N)^alphaN";

    public override IReadOnlyList<string> Symbols { get; } = ["Nc", "alphaN"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Parameters];

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => Math.Pow(parameters[0] / x[0], parameters[1]);

    protected override IReadOnlyList<double> FromLine(double slope, double intercept) => [Math.Exp(-intercept / slope), -slope];
}
