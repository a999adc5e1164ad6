using System.Runtime.CompilerServices;

// The last net: it may use nothing that has to be loaded from another file of the program.
try { return Run(args); }
catch (Exception error)
{
    try { Console.Error.WriteLine($"allometry: {error.Message.Split('\n')[0].TrimEnd('.')}; a file of the program is missing or damaged: install it again"); }
    catch (IOException) { }
    return 2;
}

[MethodImpl(MethodImplOptions.NoInlining)]
static int Run(string[] args) => Allometry.Cli.CommandLine.Run(args);
