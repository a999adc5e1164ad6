using Allometry.Experiments;
using Allometry.Native;

namespace Allometry.Cli;

/// <summary>Rows that appear as they are measured.</summary>
public sealed class BenchTable(TextWriter writer) : ColumnTable(writer, Columns)
{
    private const string Columns = "{0,-20} {1,7} {2,17} {3,9} {4,9} {5,6} {6,6} {7,6} {8,9} {9,7} {10,10} {11,10} {12,12} {13,8}";

    private bool begun;

    public void Add(BenchDocument row)
    {
        if (!begun) Begin();
        Print(row.Precision == "float32" ? row.Shape : $"{row.Shape}, {row.Precision}", row.Threads, Number(row.OursMs, 1) + " ± " + Number(100 * row.Ours.Spread, 0) + " %", Number(row.TwinMs, 1), Number(row.LimitMs, 1), Number(row.TwinOverOurs, 2), Number(row.LimitOverOurs, 2),
            Number(row.GapClosed, 2), Figures.Short(row.TokensPerSecond), Number(row.FlopsPerSecond / 1e9, 0), Number(row.OursPeakMiB ?? 0, 0), Number(row.TwinPeakMiB ?? 0, 0), Number(row.OursWorkingMiB ?? 0, 0), Number(row.WorkingOverTwin ?? 0, 2));
        Part("ours", row.Ours);
        Part("twin", row.Twin);
        Part("limit", row.Limit);
        if (row.Decoding is { } decoding)
            Writer.WriteLine($"    decoding {Figures.Short(decoding.Cached)} tokens/s with the cache, {Figures.Short(decoding.Recomputed)} by recomputation: {Number(decoding.Gain, 1)} times as fast");
        if (row.Experts is { } experts)
            Writer.WriteLine($"    8 experts {Number(experts.Ms, 2)} ms a feed-forward sublayer forward and backward, dense {Number(experts.DenseMs, 2)}: {Number(experts.OverDense, 2)} times as long");
        if (row.EncodingMBPerSecond is { } encoding) Writer.WriteLine($"    encoding {Number(encoding, 1)} MB/s of text");
        if (row.Noise is { } noise) Writer.WriteLine($"  noisy: {noise}");
    }

    public void Explain()
    {
        Writer.WriteLine();
        Writer.WriteLine("A step is forward, backward and the optimiser with clipping, in ms, the median over rounds ± the distance of its quartiles. twin: the same model from library operations, on the same products.");
        Writer.WriteLine("limit: all matrix products of a step at their exact sizes, nothing else (in bfloat16: of operands that are rounded already). gap: the share of the time between twin and limit that is gone. Peaks are resident memory of processes of their own; working: what of it is not the process itself, weights, gradients or optimiser state, and as a share of the twin's.");
        Writer.WriteLine("decoding: greedy, all rows of the batch, as many tokens each as targets; by recomputation the encoder still runs once. encoding: text into T5's tokens, on as many threads.");
        Writer.WriteLine("8 experts: one sublayer on the encoder's batch, beside the dense one that costs a token as much; no optimiser; the middle one of up to five processes.");
    }

    private void Begin()
    {
        begun = true;
        Writer.WriteLine($"{Machine.This}; products: {ProductPath.Description}");
        Print("shape", "threads", "ours, ms", "twin, ms", "limit, ms", "twin/", "limit/", "gap", "tokens/s", "GFLOP/s", "peak, MiB", "of twin", "working, MiB", "/twin's");
    }

    private void Part(string name, BenchParts part) =>
        Writer.WriteLine($"    {name,-6} forward {Number(part.ForwardMs, 1),8}   backward {Number(part.BackwardMs, 1),8}   optimiser {Number(part.UpdateMs, 1),6}");
}
