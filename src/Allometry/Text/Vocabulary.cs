using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>How text becomes token ids. A description only: <see cref="Load"/> reads files.</summary>
public abstract record Vocabulary : IChecked
{
    [Description("Texts that are one token each, with ids above the sentinels, such as words that say what is asked for; in a corpus they are ordinary text.")]
    public IReadOnlyList<string>? Added { get; init; }

    /// <summary>The tokenizer described; what is costly to make is kept under <paramref name="cacheFolder"/>. A missing or unusable file is an <see cref="InputException"/>.</summary>
    public abstract Tokenizer Load(string cacheFolder);

    /// <summary>The same vocabulary, made for <paramref name="corpus"/> where it depends on one and names none itself.</summary>
    public virtual Vocabulary Over(Corpus corpus) => this;

    public virtual IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        foreach (var text in (Added ?? []).Where(text => string.IsNullOrWhiteSpace(text) || text.Contains("<extra_id_", StringComparison.Ordinal)))
            yield return (nameof(Added), $"'{text}' can be no added token", "give texts that are neither empty nor sentinels, as in [\"[ASK]\", \"[TELL]\"]");
        foreach (var twice in (Added ?? []).GroupBy(text => text, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return (nameof(Added), $"'{twice.Key}' stands there twice", "keep one of them");
    }
}
