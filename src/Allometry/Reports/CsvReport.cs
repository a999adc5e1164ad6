using System.Globalization;
using CsvHelper;

namespace Allometry.Reports;

/// <summary>One CSV file a table and one a chart: a header row, exact numbers, empty where unknown.</summary>
public static class CsvReport
{
    internal static readonly CsvWriterOptions Options = new() { NewLine = "\n" };

    /// <summary>By file name.</summary>
    public static IReadOnlyDictionary<string, string> Render(Page page) =>
        page.Tables.Concat(page.Charts.Select(chart => chart.Numbers())).ToDictionary(table => table.Name + ".csv", OfTable);

    public static string OfTable(Table table)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, Options, leaveOpen: true))
        {
            csv.WriteRecord([.. table.Columns.Where(column => column.Name.Length > 0).Select(column => column.Name)]);
            foreach (var row in table.Rows) csv.WriteRecord([.. table.Named(row).Select(pair => Text(pair.Cell.Value))]);
        }
        return text.ToString();
    }

    private static string Text(object? field) => field switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(field, CultureInfo.InvariantCulture)!,
    };
}
