using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Analysis.Laws;

/// <summary>What a person asks of a table: which law, of which rows, held against which others, and what it foretells.</summary>
/// <param name="Where">Rows must meet all of them; those about a column that <paramref name="HeldOut"/> names concern only the rows that are fitted.</param>
/// <param name="HeldOut">Rows that meet all of them are foretold, not fitted.</param>
/// <param name="At">Points to foretell, by variable.</param>
public sealed record LawQuestion(
    ScalingLaw Law, LawColumns Columns, IReadOnlyList<Condition> Where, IReadOnlyList<Condition> HeldOut, IReadOnlyList<IReadOnlyDictionary<Variable, double>> At)
{
    /// <summary>Foretell also far beyond what was fitted.</summary>
    public bool Far { get; init; }

    /// <summary>For intervals; null: as many as take a few seconds.</summary>
    public int? Replicates { get; init; }

    public LawAnswer Answer()
    {
        var (fitted, heldOut) = Chosen();
        var differing = Columns.Differing([.. fitted, .. heldOut]);
        var law = Law.For(Columns.Known, differing);
        var rows = Columns.Observations(law, fitted);
        var unseen = Columns.Observations(law, heldOut);
        var fit = LawFit.Of(law, rows, Replicates);
        var tests = heldOut.Count > 0
            ? BackTest.Of("held out", fit, unseen) is { } test ? [test] : throw new InputException("--holdout", "these rows alone make no point to foretell", "hold out more rows")
            : BackTest.ByCost(law, rows);
        var objection = law.Objection(fit.Estimate.Parameters);
        Asked[] asked = objection is null ? [.. At.Select(point => Foretold(fit, point))] : [];
        if (!Far) Refuse(tests.Where(_ => heldOut.Count > 0).SelectMany(test => test.Tests.Select(tested => (tested.Observed.Run, tested.Foretold))).Concat(asked.Select(point => (point.Words, point.Foretold))));
        string[] doubts = [.. objection is null ? Array.Empty<string>() : [objection], .. Columns.Table.Kinds.SelectMany(kind => Mixed(kind, fitted)), .. Pooled(law, differing), .. law.Doubts(fit.Points, fit.Estimate)];
        return new(this with { Law = law }, fit, tests, asked, doubts);
    }

    /// <summary>Whatever tells of the length of a training.</summary>
    private static readonly Variable[] Lengths = [Variable.Tokens, Variable.Steps, Variable.Compute, Variable.Loss];

    private IEnumerable<string> Pooled(ScalingLaw law, IReadOnlySet<Variable> differing)
    {
        if (differing.Contains(Variable.Tokens) && !law.Reads.Any(Lengths.Contains))
            yield return $"The runs saw different amounts of data ({Columns.ColumnOf(Variable.Tokens)}), which this law does not read and takes together: --where \"{Columns.ColumnOf(Variable.Tokens)}=...\" fits one length alone.";
    }

    private static IEnumerable<string> Mixed(string kind, IReadOnlyList<Row> rows)
    {
        if (rows.Select(row => row.Cells.GetValueOrDefault(kind)).Distinct().Count() is > 1 and var count)
            yield return $"The law takes {count} {kind}s together, which may each have their own{(kind == StudyTable.Objective ? ", and whose losses cannot be compared" : "")}: allometry fit with --where \"{kind}=1\" fits one alone.";
    }

    private (IReadOnlyList<Row> Fitted, IReadOnlyList<Row> HeldOut) Chosen()
    {
        var both = Where.Where(condition => HeldOut.All(other => other.Column != condition.Column)).ToArray();
        var meets = Columns.Table.Rows.Where(row => both.All(condition => condition.Holds(row))).ToArray();
        var heldOut = HeldOut.Count == 0 ? [] : meets.Where(row => HeldOut.All(condition => condition.Holds(row))).ToArray();
        var fitted = meets.Except(heldOut).Where(row => Where.All(condition => condition.Holds(row))).ToArray();
        if (fitted.Length == 0) throw new InputException(Where.Count == 0 ? "--holdout" : "--where", $"none of the {Columns.Table.Rows.Count} rows of {Columns.Table.Name} is left to fit", "loosen the conditions");
        if (HeldOut.Count > 0 && heldOut.Length == 0) throw new InputException("--holdout", "no row meets it", "loosen the conditions");
        return (fitted, heldOut);
    }

    private static Asked Foretold(LawFit fit, IReadOnlyDictionary<Variable, double> at)
    {
        if (fit.Law.Resolve(fit.Estimate.Parameters, at) is not { } x)
            throw new InputException("--at", $"'{fit.Law.Name}' foretells from {string.Join(" and ", fit.Law.Arguments.Select(variable => variable.Symbol))}, and {string.Join(" and ", at.Keys.Select(variable => variable.Symbol))} was given",
                $"write --at \"{string.Join(",", fit.Law.Arguments.Select(variable => $"{variable.Symbol}=..."))}\"");
        return new(fit.Law.Arguments.Zip(x).ToArray(), fit.Foretell(x));
    }

    private static void Refuse(IEnumerable<(string Name, Foretold Foretold)> predictions)
    {
        var far = predictions.Where(prediction => prediction.Foretold.Extrapolation > LawFit.FarthestFactor).ToArray();
        if (far.Length > 0)
            throw new InputException([.. far.Select(prediction => new Problem(prediction.Name, $"lies {prediction.Foretold.Extrapolation:0} times beyond what was fitted, more than {LawFit.FarthestFactor:0}", "fit larger runs, or give --far to see it all the same"))]);
    }
}

/// <summary>A law fitted, tested, and asked.</summary>
/// <param name="Doubts">What a careful reader should know of it.</param>
public sealed record LawAnswer(LawQuestion Question, LawFit Fit, IReadOnlyList<BackTest> BackTests, IReadOnlyList<Asked> Asked, IReadOnlyList<string> Doubts)
{
    /// <summary>Of what is foretold.</summary>
    public string Unit => Question.Columns.UnitOf(Fit.Law.Predicts);
}

/// <summary>A prediction that was asked for.</summary>
public sealed record Asked(IReadOnlyList<(Variable Variable, double Value)> At, Foretold Foretold)
{
    public string Words => string.Join(", ", At.Select(pair => FormattableString.Invariant($"{pair.Variable.Symbol} = {pair.Value:G4}")));
}
