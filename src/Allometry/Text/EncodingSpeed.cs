using System.Diagnostics;
using System.Text;

namespace Allometry.Text;

/// <summary>How fast texts are encoded.</summary>
public static class EncodingSpeed
{
    /// <summary>
    /// Megabytes of UTF-8 (10^6 bytes) a second, documents spread over threads: all documents once to warm up, then <paramref name="rounds"/> times; the best round counts,
    /// because what else runs on a machine only ever slows it down.
    /// </summary>
    public static double Measure(Tokenizer tokenizer, IReadOnlyList<string> documents, int threads, int rounds = 5)
    {
        var megabytes = documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document)) / 1e6;
        return megabytes / Enumerable.Range(0, rounds + 1).Select(_ => Time(tokenizer, documents, threads)).Skip(1).Min().TotalSeconds;
    }

    private static TimeSpan Time(Tokenizer tokenizer, IReadOnlyList<string> documents, int threads)
    {
        var clock = Stopwatch.StartNew();
        Parallel.ForEach(documents, new ParallelOptions { MaxDegreeOfParallelism = threads }, document => tokenizer.EncodePlain(document));
        return clock.Elapsed;
    }
}
