using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>A change of a text that leaves, or should leave, the answer as it is. What it draws comes from the stream that it is given, so that the same text is always changed the same way.</summary>
public abstract record Perturbation
{
    [Description("Whether what is odd in the published definition is mended.")]
    public bool Clean { get; init; }

    /// <summary>What reports call it.</summary>
    public string Name => Clean ? $"{Catalogue.NameOf(this)}-clean" : Catalogue.NameOf(this);

    /// <summary>Whether it draws: then several draws tell more than one.</summary>
    public virtual bool Draws => false;

    /// <summary>Looks at the files that it needs; what is wrong with them is an <see cref="InputException"/>.</summary>
    public virtual void Check()
    {
    }

    /// <summary>The changed text; it may be empty.</summary>
    public abstract string Apply(string text, RandomStream random);

    /// <summary>A rule for the texts of a task: each column of each row has a stream of its own.</summary>
    public Rewording Of(long seed) => (text, split, row, column) => Apply(text, RandomStream.For(seed, $"perturb {Name} {column}", (long)split, row));
}

/// <summary>Changes the text of a prompt's column in a row of a split.</summary>
public delegate string Rewording(string text, Split split, int row, string column);
