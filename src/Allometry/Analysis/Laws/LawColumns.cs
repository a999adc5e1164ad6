using System.Globalization;
using System.Text.RegularExpressions;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Analysis.Laws;

/// <summary>Which column of a table holds which variable, and what is read from there. Everything that is wrong with the cells is told at once.</summary>
/// <param name="Given">Columns that the person named.</param>
/// <param name="Run">The column that says which rows are one run; null: rows alike in all but the position along the run are one.</param>
/// <param name="InBits">Losses are in bits and are turned into nats.</param>
public sealed partial record LawColumns(RunTable Table, IReadOnlyDictionary<Variable, string> Given, string? Run = null, bool InBits = false)
{
    /// <summary>Guessing among a million tokens costs ln 1e6 nats.</summary>
    private const double LargestLoss = 13.8;

    private const int MostProblems = 10;

    /// <summary>The variables that have a column, named by the person or by custom.</summary>
    public IReadOnlySet<Variable> Known => Variable.All.Where(variable => ColumnOf(variable) is not null).ToHashSet();

    /// <summary>Those of them in which rows differ.</summary>
    public IReadOnlySet<Variable> Differing(IReadOnlyList<Row> rows) => Known.Where(variable => rows.Select(row => row.Cells.GetValueOrDefault(ColumnOf(variable)!)).Distinct().Count() > 1).ToHashSet();

    public string? ColumnOf(Variable variable) => Given.GetValueOrDefault(variable)
        ?? variable.Columns.Select(usual => Table.Columns.FirstOrDefault(column => column.Equals(usual, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(column => column is not null);

    /// <summary>Bits of a table may be per byte, and so are the nats that they become.</summary>
    public string UnitOf(Variable variable) => variable == Variable.Loss && InBits && ColumnOf(variable) is { } column && PerWhat().Match(column) is { Success: true } per
        ? char.ToLowerInvariant(per.Groups["what"].Value[0]) switch { 'b' => "nats per byte", 'c' => "nats per character", _ => "nats per word" }
        : variable.Unit;

    /// <summary>The rows as the law reads them.</summary>
    public IReadOnlyList<Observation> Observations(ScalingLaw law, IReadOnlyList<Row> rows)
    {
        var problems = ColumnProblems(law).ToList();
        if (problems.Count > 0) throw new InputException(problems);
        Observation[] observations = [.. rows.Select(row => Observed(law, row, problems))];
        if (problems.Count == 0) problems.AddRange(Twice(law, observations, rows));
        if (!law.ReadsCurves && Run is null) observations = Apart(observations, rows);
        if (problems.Count > MostProblems) problems = [.. problems.Take(MostProblems), new(Table.Name, $"and {problems.Count - MostProblems} more cells or rows are wrong", "mend those like the ones above")];
        return problems.Count == 0 ? observations : throw new InputException(problems);
    }

    private IEnumerable<Problem> ColumnProblems(ScalingLaw law)
    {
        foreach (var (variable, column) in Given)
            if (!Table.Columns.Contains(column)) yield return new($"--{variable.Symbol}", $"'{column}' is no column of {Table.Name}", Suggestion.For(column, Table.Columns));
        if (Run is not null && !Table.Columns.Contains(Run)) yield return new("--run", $"'{Run}' is no column of {Table.Name}", Suggestion.For(Run, Table.Columns));
        foreach (var shared in Given.Keys.Concat(law.Reads).Append(law.Measures).Distinct().Where(variable => ColumnOf(variable) is not null).GroupBy(ColumnOf).Where(column => column.Count() > 1))
            yield return new(string.Join(", ", shared.Select(variable => $"--{variable.Symbol}")), $"'{shared.Key}' cannot be the column of several things", $"name a column for each: {string.Join(", ", Table.Columns)}");
        foreach (var variable in law.Reads.Append(law.Measures).Where(variable => ColumnOf(variable) is null && !IsCounted(variable)))
            yield return new($"--{variable.Symbol}", $"'{law.Name}' needs the {variable.Title.ToLowerInvariant()} and no column is named for it", $"name one of {string.Join(", ", Table.Columns)}");
        if (law.Measures == Variable.Loss && !InBits && ColumnOf(Variable.Loss) is { } loss && OtherUnit().Match(loss) is { Success: true } unit)
            yield return new("--loss", $"'{loss}' seems to hold {(IsPerplexity(unit) ? "perplexities" : "bits")}; laws are of nats per token", IsPerplexity(unit) ? "give the logarithm of the perplexity" : "give --bits, which turns bits into nats");
    }

    /// <summary>Where compute has no column it is 6ND.</summary>
    private bool IsCounted(Variable variable) => variable == Variable.Compute && ColumnOf(Variable.Parameters) is not null && ColumnOf(Variable.Tokens) is not null;

    private Observation Observed(ScalingLaw law, Row row, List<Problem> problems)
    {
        double[] x = [.. law.Reads.Select(variable => ValueOf(variable, row, problems))];
        var y = ValueOf(law.Measures, row, problems);
        if (law.Measures == Variable.Loss && y > LargestLoss)
            problems.Add(new(row.Where, $"a loss of {y:G4} nats is more than guessing among a million tokens", "are these bits (--bits) or perplexities (give their logarithms)?"));
        return new(NameOf(law, row, x), x, y);
    }

    private double ValueOf(Variable variable, Row row, List<Problem> problems)
    {
        if (ColumnOf(variable) is not { } column) return Compute.Of(ValueOf(Variable.Parameters, row, problems), ValueOf(Variable.Tokens, row, problems));
        var cell = row.Cells.GetValueOrDefault(column, "");
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && value > 0)
            return variable == Variable.Loss && InBits ? value * Math.Log(2) : value;
        problems.Add(new(row.Where, $"{column} is '{cell}', which is no positive number", Meant(cell) is { } meant
            ? string.Create(CultureInfo.InvariantCulture, $"cells are plain numbers: write {meant:R}") : $"mend the cell, or leave its row out: --where \"{column}>0\""));
        return double.NaN;
    }

    /// <summary>What people and spreadsheets write: 10M, and 10,000,000.</summary>
    private static double? Meant(string cell) => Quantity.TryNumber(cell.Replace(',', '_'), out var value) && value > 0 ? value : null;

    private string NameOf(ScalingLaw law, Row row, double[] x)
    {
        if (Run is not null) return row.Cells.GetValueOrDefault(Run, "");
        if (!law.ReadsCurves) return row.Cells.GetValueOrDefault("name") ?? row.Cells.GetValueOrDefault("run") ?? row.Where;
        return row.Cells.GetValueOrDefault("run") ?? string.Join('/', law.Reads.Zip(x).Where(pair => pair.First != Variable.Steps && pair.First != Variable.Tokens).Select(pair => pair.Second.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Every row is a run of its own, also where several have one name.</summary>
    private static Observation[] Apart(Observation[] observations, IReadOnlyList<Row> rows)
    {
        var shared = observations.GroupBy(row => row.Run).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        return [.. observations.Zip(rows).Select(pair => shared.Contains(pair.First.Run) ? pair.First with { Run = $"{pair.First.Run} ({pair.Second.Where})" } : pair.First)];
    }

    private static bool IsPerplexity(Match unit) => unit.Value.StartsWith("p", StringComparison.OrdinalIgnoreCase);

    /// <summary>Rows that are there twice; along curves, where a loss may well stay the same, those of one run at one place.</summary>
    private static IEnumerable<Problem> Twice(ScalingLaw law, Observation[] observations, IReadOnlyList<Row> rows) =>
        observations.Zip(rows).GroupBy(pair => string.Join(' ', pair.First.X.Append(pair.First.Y).Select(value => value.ToString("R", CultureInfo.InvariantCulture)).Prepend(law.ReadsCurves ? pair.First.Run : ""))).Where(same => same.Count() > 1)
            .Select(same => law.ReadsCurves
                ? new Problem(same.Last().Second.Where, $"is the same measurement as {same.First().Second.Where}: the run and every number that the law reads are equal", "leave one of them")
                : new Problem(same.Last().Second.Where, $"is the same run as {same.First().Second.Where}: every number that the law reads is equal", "leave one of them; a repetition with another seed has another loss"));

    [GeneratedRegex("bits?(?![a-z])|bp[bctw](?![a-z])|ppl|perplexity", RegexOptions.IgnoreCase)]
    private static partial Regex OtherUnit();

    [GeneratedRegex("(bits?[ _-]*per[ _-]*|bp)(?<what>[bcw])", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex PerWhat();
}
