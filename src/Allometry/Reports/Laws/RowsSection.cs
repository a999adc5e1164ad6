using Allometry.Analysis.Laws;

namespace Allometry.Reports.Laws;

/// <summary>What the law was made of.</summary>
internal static class RowsSection
{
    public static Section Of(LawAnswer answer)
    {
        var (question, law) = (answer.Question, answer.Fit.Law);
        var columns = law.Reads.Append(law.Measures).Select(variable => $"{variable.Symbol} = {question.Columns.ColumnOf(variable) ?? "6 x n x d"}");
        List<string> sentences = [$"Read from {question.Columns.Table.Name}: {Words.List(columns)}."];
        if (question.Columns.InBits) sentences.Add("Losses were given in bits and turned into nats.");
        if (question.Where.Count > 0) sentences.Add($"Rows with {Words.List(question.Where.Select(condition => condition.ToString()))}.");
        if (question.HeldOut.Count > 0) sentences.Add($"Held out: rows with {Words.List(question.HeldOut.Select(condition => condition.ToString()))}.");
        return new("rows", "What it was made of", [new Paragraph(string.Join(" ", sentences)), Points(answer.Fit, answer.Unit)]);
    }

    private static Table Points(LawFit fit, string unit) => new("points", "What the law was fitted to",
        [Column.Words("run", "Run"), .. fit.Law.Arguments.Select(variable => new Column(variable.Symbol, variable.Title, variable.Unit)), new("measured", $"{fit.Law.Predicts.Title} measured", unit), new("law", "By the law", unit), new("residual", "Law minus measurement")],
        [.. fit.Points.Zip(fit.Residuals).Select(pair => (IReadOnlyList<Cell>)
            [Cell.Of(pair.First.Run), .. pair.First.X.Select(x => Cell.Of(x, LawPage.Constant)), Cell.Of(pair.First.Y, LawPage.Constant), Cell.Of(fit.Law.Predict(fit.Estimate.Parameters, pair.First.X), LawPage.Constant), Cell.Of(pair.Second, value => Numerals.Signed(value))])]);
}
