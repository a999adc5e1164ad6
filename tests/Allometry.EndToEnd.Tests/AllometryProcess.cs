using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Allometry.EndToEnd.Tests;

/// <summary>The built executable, run as a user would: in a folder of its own, with a cache of its own.</summary>
public sealed class AllometryProcess : IDisposable
{
    /// <summary>Nothing takes so long: who has not ended by then never will.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Process process;
    private readonly StringBuilder output = new(), error = new();

    private AllometryProcess(string executable, string folder, string[] arguments, IEnumerable<(string Name, string Value)>? environment = null, string input = "")
    {
        var start = new ProcessStartInfo(executable, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["XDG_CACHE_HOME"] = Cache;
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        process = new() { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
    }

    public static string Repository { get; } = FindRepository();

    public static string Recipe { get; } = Path.Combine(Repository, "recipes", "smoke", "smoke.yaml");

    public static string Executable { get; } = Path.Combine(
        Repository, "artifacts", "bin", "Allometry.Cli", Configuration(), OperatingSystem.IsWindows() ? "allometry.exe" : "allometry");

    /// <summary>One cache for all tests: what is kept there depends on no test, and the machine is measured once.</summary>
    public static string Cache { get; } = Path.Combine(Path.GetTempPath(), "allometry-e2e-cache", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public int Id => process.Id;

    /// <summary>The processes that it has started. A child belongs to the thread that started it, and threads come and go.</summary>
    public IReadOnlyList<int> Workers => [.. Threads().SelectMany(Children).Select(int.Parse)];

    public static AllometryProcess Start(string folder, params string[] arguments) => new(Executable, folder, arguments);

    /// <summary>With these environment variables beside those of the tests.</summary>
    public static AllometryProcess StartWith(IEnumerable<(string Name, string Value)> environment, string folder, params string[] arguments) => new(Executable, folder, arguments, environment);

    /// <summary>With one environment variable more.</summary>
    public static Ended RunWith(string variable, string value, string folder, params string[] arguments)
    {
        using var process = StartWith([(variable, value)], folder, arguments);
        return process.Wait();
    }

    /// <summary>With this on its standard input.</summary>
    public static Ended RunReading(string input, string folder, params string[] arguments)
    {
        using var process = new AllometryProcess(Executable, folder, arguments, input: input);
        return process.Wait();
    }

    /// <summary>Another program, such as one that starts the executable.</summary>
    public static AllometryProcess StartOther(string executable, string folder, string[] arguments, IEnumerable<(string Name, string Value)>? environment = null) => new(executable, folder, arguments, environment);

    /// <summary>Another copy of the executable.</summary>
    public static Ended RunCopy(string executable, string folder, params string[] arguments)
    {
        using var process = new AllometryProcess(executable, folder, arguments);
        return process.Wait();
    }

    public static Ended Run(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        return process.Wait();
    }

    public Ended Wait()
    {
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"allometry did not end; it said:\n{output}\n{error}");
        }
        process.WaitForExit();
        return new(process.ExitCode, output.ToString(), error.ToString());
    }

    /// <summary>Waits until something is true of the folder, for as long as the process lives.</summary>
    public void Until(Func<bool> condition)
    {
        while (!condition())
        {
            if (process.HasExited) throw new InvalidOperationException($"allometry ended too early; it said:\n{output}\n{error}");
            Thread.Sleep(20);
        }
    }

    /// <summary>
    /// Its workers, standing still from a moment on at which something is true of them: nothing of it ends between a look and what a test does about it, however fast the machine is and whoever else is at work there.
    /// </summary>
    public IReadOnlyList<int> Hold(Func<IReadOnlyList<int>, bool> condition)
    {
        IReadOnlyList<int> held = [];
        Until(() =>
        {
            held = Workers;
            Signals.Send(held, Signals.Stop);
            if (condition(held)) return true;
            GoOn(held);
            return false;
        });
        return held;
    }

    public static void GoOn(params IEnumerable<int> held) => Signals.Send(held, Signals.Continue);

    public static void Kill(params IEnumerable<int> workers) => Signals.Send(workers, Signals.Kill);

    /// <summary>With all processes that it has started, or alone.</summary>
    public void Kill(bool withWorkers = false) => process.Kill(entireProcessTree: withWorkers);

    public void Interrupt() => Signals.Send(process.Id, Signals.Interrupt);

    public void Terminate() => Signals.Send(process.Id, Signals.Terminate);

    /// <summary>Lets it go on for a time, or to its end; whether it has ended by itself.</summary>
    public bool HasEndedWithin(TimeSpan time) => process.WaitForExit(time);

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(Patience);
        }
        process.Dispose();
    }

    private IEnumerable<string> Threads()
    {
        try { return Directory.GetDirectories($"/proc/{process.Id}/task"); }
        catch (IOException) { return []; } // it has ended
    }

    private static string[] Children(string thread)
    {
        try { return File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries); }
        catch (IOException) { return []; } // it has ended
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
            if (line is not null) text.Append(line).Append('\n');
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Allometry.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("There is no Allometry.slnx above the tests.");
        return folder;
    }

    private static string Configuration() =>
        typeof(AllometryProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration.ToLowerInvariant();
}

/// <summary>How a process ended.</summary>
public sealed record Ended(int Code, string Output, string Error)
{
    /// <summary>With this exit code, and without a stack trace or a defect.</summary>
    public void HasEndedWith(int code)
    {
        Assert.True(Code == code, $"exit code {Code} instead of {code}:\n{Output}\n{Error}");
        Assert.DoesNotMatch(@"(?m)^\s+at |Unhandled|defect of Allometry|frame #", Output + Error);
    }

    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];
}
