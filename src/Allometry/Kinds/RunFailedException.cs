namespace Allometry.Kinds;

/// <summary>The input was right but something failed while running: exit code 2 and one line a problem.</summary>
public class RunFailedException(IReadOnlyList<Problem> problems, Exception? cause = null) : Exception(string.Join('\n', problems), cause)
{
    public RunFailedException(string where, string what, string mend, Exception? cause = null) : this([new Problem(where, what, mend)], cause) { }

    public IReadOnlyList<Problem> Problems => problems;
}
