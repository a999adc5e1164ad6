using Allometry.Benchmarks;

namespace Allometry.Cli;

/// <summary>An encoder's time and memory by the length of its text, row by row as they are measured.</summary>
public sealed class LengthTable(TextWriter writer) : ColumnTable(writer, Columns)
{
    private const string Columns = "{0,-20} {1,7} {2,7} {3,12} {4,12} {5,10} {6,7} {7,13} {8,13}";
    private const double MiB = 1 << 20;

    private EncoderSpeed? last;

    public void Add(EncoderSpeed row, int threads)
    {
        if (last is null) Print("attention", "length", "threads", "forward, ms", "backward, ms", "both, ms", "slope", "working, MiB", "counted, MiB");
        var slope = last is { } former && former.Attention == row.Attention && former.Length != row.Length ? Number(EncoderSpeed.Slope(former, row), 2) : "";
        Print(row.Attention, row.Length, threads, Number(1e3 * row.Forward, 1), Number(1e3 * row.Backward, 1), Number(1e3 * row.Total, 1), slope, Number(row.Working / MiB, 0), Number(row.Counted / MiB, 0));
        last = row;
    }

    public void Explain()
    {
        Writer.WriteLine();
        Writer.WriteLine("One text through an encoder of 2 layers (width 256, gated feed-forward 1,024, 4 heads of 64) and back, the median over rounds. slope: of the logarithms of time and length, from the row above.");
        Writer.WriteLine("working: resident memory at the peak of a process of its own, less that before. counted: what is kept for the backward pass, by arithmetic; what an operation needs while it is at work comes on top.");
    }
}
