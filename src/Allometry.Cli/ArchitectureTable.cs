using Allometry.Benchmarks;

namespace Allometry.Cli;

/// <summary>Steps of several architectures, shape by shape as they are measured.</summary>
public sealed class ArchitectureTable(TextWriter writer) : ColumnTable(writer, Columns)
{
    private const string Columns = "{0,-12} {1,7} {2,17} {3,7} {4,14} {5,11}  {6}";

    private bool begun;

    public void Add(IReadOnlyList<ArchitectureSpeed> rows)
    {
        if (!begun) Print("shape", "threads", "step, ms", "/first", "FLOPs, /first", "parameters", "architecture");
        begun = true;
        foreach (var row in rows)
            Print(row.Shape, row.Threads, $"{Number(row.Ms, 1)} ± {Number(100 * row.Spread, 0)} %", Number(row.OverFirst, 2), Number(row.FlopsOverFirst, 2), Figures.Short(row.Parameters), row.Architecture);
    }

    public void Explain()
    {
        Writer.WriteLine();
        Writer.WriteLine("A step is forward, backward and the optimiser with clipping, the median over rounds ± the distance of its quartiles. /first: beside the architecture that was named first, by time (the median of the rounds' ratios) and by the products that are counted.");
    }
}
