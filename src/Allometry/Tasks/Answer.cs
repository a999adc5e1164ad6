using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>What a model is to write for a row.</summary>
public abstract record Answer
{
    /// <summary>The columns that <see cref="Target"/> and <see cref="References"/> read.</summary>
    public abstract IEnumerable<string> Columns { get; }

    /// <summary>The label words in class order where the answer is one of them, else null.</summary>
    public virtual IReadOnlyList<string>? Words => null;

    /// <summary>The texts among which the likeliest is taken where every row has its own, else null.</summary>
    public virtual IReadOnlyList<string>? ChoicesOf(Row row) => null;

    public virtual Decision Decision => Decision.Greedy;

    /// <summary>The text to write for a row that has <see cref="Columns"/>; null after a reported problem.</summary>
    public abstract string? Target(Row row, Action<Problem> report);

    /// <summary>All right answers where a row may have several, else null; an empty list never.</summary>
    public virtual IReadOnlyList<string>? References(Row row, Action<Problem> report) => null;
}
