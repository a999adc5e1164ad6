using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>L = E + k x^-gamma in one quantity: compute, or whichever of parameters, tokens and steps there is a column for.</summary>
[Kind("power"), Description("L = E + k x^-gamma, in compute or in what there is a column for.")]
public sealed record PowerLaw(
    [Description("What x is: c, n, d or s; picked by the columns where left out.")] string? Of = null,
    [Description("Whether there is an E; without one it is 0.")] bool Floor = true,
    [Description("Where Huber's loss of the log residual becomes straight; 1 is least squares."), Range(double.Epsilon, double.MaxValue)] double Delta = Huber.Chinchilla) : ScalingLaw
{
    private static readonly Variable[] Choices = [Variable.Compute, Variable.Parameters, Variable.Tokens, Variable.Steps];

    public override string Formula => Floor ? "L = E + k x^-gamma" : "L = k x^-gamma";

    public override IReadOnlyList<string> Symbols { get; } = ["E", "k", "gamma"];

    public override IReadOnlyList<Variable> Reads => [Of is null ? Variable.Compute : Choices.FirstOrDefault(choice => choice.Symbol == Of) ?? throw Unknown(Of)];

    public override int FewestPoints => Form.Free;

    private PowerSum Form => new(Floor, Terms: 1);

    public override ScalingLaw For(IReadOnlySet<Variable> given, IReadOnlySet<Variable> differing)
    {
        if (Of is not null || (given.Contains(Variable.Parameters) && given.Contains(Variable.Tokens))) return this;
        return this with { Of = Array.Find(Choices, given.Contains)?.Symbol };
    }

    public override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null)
    {
        var fitted = Form.Fit(points, new(Delta), Floor ? near : near?.Skip(1).ToArray());
        return Floor ? fitted : fitted with { Parameters = [0, .. fitted.Parameters] };
    }

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => parameters[0] + parameters[1] * Math.Pow(x[0], -parameters[2]);

    private static InputException Unknown(string of) => new("--law", $"a power law of '{of}' is not known", Suggestion.For(of, Choices.Select(choice => choice.Symbol)));
}
