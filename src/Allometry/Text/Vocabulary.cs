using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>How text becomes token ids. A description only: <see cref="Load"/> reads files.</summary>
public abstract record Vocabulary
{
    /// <summary>The tokenizer described; what is costly to make is kept under <paramref name="cacheFolder"/>. A missing or unusable file is an <see cref="InputException"/>.</summary>
    public abstract Tokenizer Load(string cacheFolder);

    /// <summary>The same vocabulary, made for <paramref name="corpus"/> where it depends on one and names none itself.</summary>
    public virtual Vocabulary Over(Corpus corpus) => this;
}
