using System.Globalization;

namespace Allometry.Cli;

/// <summary>Rows in columns of fixed widths, written one by one as they are measured.</summary>
/// <param name="columns">A composite format: a place for each column.</param>
public abstract class ColumnTable(TextWriter writer, string columns)
{
    protected TextWriter Writer { get; } = writer;

    protected void Print(params object[] cells) => Writer.WriteLine(string.Format(CultureInfo.InvariantCulture, columns, cells).TrimEnd());

    protected static string Number(double value, int digits) => value.ToString("F" + digits, CultureInfo.InvariantCulture);
}
