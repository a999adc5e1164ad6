using System.Collections.Concurrent;
using Allometry.Kinds;

namespace Allometry.Cli;

/// <summary>Prompts a batch at a time: from a file or standard input one a line. What is typed is answered at once, what is there already fills whole batches.</summary>
public static class Prompts
{
    // So many batches are read ahead of the model.
    private const int Ahead = 4;

    public static IEnumerable<IReadOnlyList<string>> Read(TextReader lines, int batch)
    {
        using var waiting = new BlockingCollection<string>(Ahead * batch);
        var reading = Task.Run(() => Fill(waiting, lines));
        while (waiting.TryTake(out var first, Timeout.Infinite))
        {
            List<string> prompts = [first];
            while (prompts.Count < batch && waiting.TryTake(out var next)) prompts.Add(next);
            yield return prompts;
        }
        reading.GetAwaiter().GetResult();
    }

    /// <summary>The lines of a text that is there as a whole.</summary>
    public static IEnumerable<IReadOnlyList<string>> Of(string text, int batch)
    {
        using var reader = new StringReader(text);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        foreach (var prompts in lines.Chunk(batch)) yield return prompts;
    }

    /// <summary>Where prompts come from: an argument, a file, or standard input; two of them, or none, is a problem.</summary>
    public static IEnumerable<IReadOnlyList<string>> From(string? prompt, string? file, int batch) => (prompt, file) switch
    {
        _ when batch is < 1 or > 65536 => throw new InputException("--batch", $"{batch} inputs cannot be answered side by side", "give a number from 1 to 65536"),
        (not null, not null) => throw new InputException("--file", "there is a prompt and a file", "give one of them"),
        (not null, null) => [[prompt]],
        (null, not null) => Of(Reader.Text(file), batch),
        _ when Console.IsInputRedirected => Read(Console.In, batch),
        _ => throw new InputException("prompt", "there is no prompt", "give one behind the folder, --file FILE, or lines on standard input"),
    };

    private static void Fill(BlockingCollection<string> waiting, TextReader lines)
    {
        try
        {
            while (lines.ReadLine() is { } line) waiting.Add(line);
        }
        finally
        {
            waiting.CompleteAdding();
        }
    }
}
