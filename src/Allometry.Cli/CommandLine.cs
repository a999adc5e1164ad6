using System.CommandLine;
using System.CommandLine.Invocation;
using Allometry.Cli.Verbs;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Cli;

/// <summary>The verbs, and the promise that every end of the process is an exit code and a sentence.</summary>
public static class CommandLine
{
    public const int Success = 0, WrongInput = 1, Failed = 2, Stopped = 130;

    public static int Run(string[] args)
    {
        try { return Invoke(Root().Parse(args)); }
        catch (InputException wrong) { return Tell(wrong.Problems, WrongInput); }
        catch (RunFailedException failed) { return Tell(failed.Problems, Failed); }
        catch (OperationCanceledException) { return Stopped; }
        catch (Exception error) when (Surroundings(error) is { } problem) { return Tell([problem], Failed); }
        catch (Exception defect) { return Tell([Defects.Log(defect)], Failed); }
    }

    private static RootCommand Root() => new("Which shape of transformer should I train?")
    {
        RunVerb.Command(), PlanVerb.Command(), StatusVerb.Command(), CancelVerb.Command(), ReportVerb.Command(), ExportVerb.Command(), FitVerb.Command(), AdviseVerb.Command(),
        CountVerb.Command(), CatalogueVerb.Command(), DataVerb.Command(), EvaluateVerb.Command(), GenerateVerb.Command(),
        ConvertVerb.Command(), TraceVerb.Command(), SimilarityVerb.Command(), BenchVerb.Command(), ServeVerb.Command(), WorkerVerb.Command(),
    };

    private static int Invoke(ParseResult parsed)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        // What is wrong belongs on standard error: standard output may be read by a program.
        if (parsed.Errors.Count > 0) configuration.Output = Console.Error;
        if (parsed.Action is ParseErrorAction wrong) wrong.ShowHelp = false;
        return parsed.Invoke(configuration);
    }

    /// <summary>Failures of what is around us rather than of us.</summary>
    private static Problem? Surroundings(Exception error) => error switch
    {
        _ when FullDisk.Of(error) is { } full => full,
        IOException or UnauthorizedAccessException => new("files", error.Message, "mend that and run the same command again"),
        Microsoft.Data.Sqlite.SqliteException => new("store", error.Message, "restore it from a copy, or give another folder with --store"),
        System.Runtime.InteropServices.ExternalException => new("libtorch", error.Message.Split('\n')[0], "use a smaller batch or shape; if that does not help, report it"),
        OutOfMemoryException => new("memory", "there is not enough memory", "use a smaller batch or shape"),
        _ => null,
    };

    private static int Tell(IEnumerable<Problem> problems, int code)
    {
        try
        {
            foreach (var problem in problems) Console.Error.WriteLine(problem);
        }
        catch (IOException) { } // nobody listens: the exit code says it
        return code;
    }
}
