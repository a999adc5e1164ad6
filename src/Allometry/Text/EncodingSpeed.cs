using System.Diagnostics;
using System.Text;

namespace Allometry.Text;

/// <summary>How fast texts are encoded, in megabytes of UTF-8 (10^6 bytes) a second: by one thread, and by as many as the machine has processors.</summary>
public sealed record EncodingSpeed(double OneThread, double AllThreads, int Threads)
{
    /// <summary>
    /// Encodes all documents once to warm up, then <paramref name="rounds"/> times by one thread and by all in turn; the best round of each counts, because what else
    /// runs on a machine only ever slows it down.
    /// </summary>
    public static EncodingSpeed Measure(Tokenizer tokenizer, IReadOnlyList<string> documents, int rounds = 5)
    {
        var megabytes = documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document)) / 1e6;
        var (one, all) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round <= rounds; round++)
        {
            var (alone, together) = (Time(tokenizer, documents, 1), Time(tokenizer, documents, Environment.ProcessorCount));
            if (round > 0) (one, all) = (alone < one ? alone : one, together < all ? together : all);
        }

        return new EncodingSpeed(megabytes / one.TotalSeconds, megabytes / all.TotalSeconds, Environment.ProcessorCount);
    }

    private static TimeSpan Time(Tokenizer tokenizer, IReadOnlyList<string> documents, int threads)
    {
        var clock = Stopwatch.StartNew();
        Parallel.ForEach(documents, new ParallelOptions { MaxDegreeOfParallelism = threads }, document => tokenizer.EncodePlain(document));
        return clock.Elapsed;
    }
}
