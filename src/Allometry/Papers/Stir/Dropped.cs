using System.ComponentModel;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Papers.Stir;

/// <summary>Drops words with certain part-of-speech tags; what remains is joined by spaces, and may be nothing.</summary>
public abstract record Dropped(string Tags) : Perturbation
{
    public override void Check() => Tagger.Read(DataFolder.Resolve(Tags, "."));

    public override string Apply(string text, RandomStream random) => Keep(Tagger.Learnt(Tags).Tag(Words.Of(text)));

    /// <summary>Penn tags of what is dropped.</summary>
    internal abstract IReadOnlyList<string> Unwanted { get; }

    /// <summary>What is left of tagged words.</summary>
    internal string Keep(IEnumerable<(string Word, string Tag)> words) => string.Join(' ', words.Where(word => !Unwanted.Contains(word.Tag)).Select(word => word.Word));
}

[Kind("no-nouns"), Description("Drops nouns: NN, NNP and NNS; with clean, NNPS too.")]
public sealed record NoNouns([DataFile, Description("What the tagger learns from: a word and its Penn tag a line, blank lines between sentences.")] string Tags = Tagger.Usual) : Dropped(Tags)
{
    internal override IReadOnlyList<string> Unwanted => Clean ? ["NN", "NNP", "NNS", "NNPS"] : ["NN", "NNP", "NNS"];
}

[Kind("no-verbs"), Description("Drops verbs: VB, VBD, VBG, VBN, VBP and VBZ; modals stay.")]
public sealed record NoVerbs([DataFile, Description("What the tagger learns from: a word and its Penn tag a line, blank lines between sentences.")] string Tags = Tagger.Usual) : Dropped(Tags)
{
    internal override IReadOnlyList<string> Unwanted => ["VB", "VBD", "VBG", "VBN", "VBP", "VBZ"];
}
