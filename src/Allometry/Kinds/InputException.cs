namespace Allometry.Kinds;

/// <summary>The input is wrong: the process ends with exit code 1 and one line a problem.</summary>
public sealed class InputException(IReadOnlyList<Problem> problems) : Exception(string.Join('\n', problems))
{
    public InputException(string where, string what, string mend) : this([new Problem(where, what, mend)]) { }

    public IReadOnlyList<Problem> Problems => problems;
}
