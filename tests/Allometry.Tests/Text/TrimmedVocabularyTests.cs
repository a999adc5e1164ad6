using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Text;

public sealed class TrimmedVocabularyTests : IDisposable
{
    private static readonly Corpus Smoke = new([Sources.Smoke]);
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(512)]
    [InlineData(1024)]
    [InlineData(16_384)] // more than the text can use
    public void It_has_the_size_asked_for_and_leaves_nothing_unknown(int size)
    {
        var tokenizer = Load(size);
        Assert.Equal((size, size - 1), (tokenizer.Size, tokenizer.Sentinel(0)));
        Assert.All(Smoke.Documents(), document =>
        {
            var ids = tokenizer.EncodePlain(document);
            Assert.DoesNotContain(Tokenizer.Unknown, ids);
            Assert.Equal(Readable(Sources.T5.Decode(Sources.T5.EncodePlain(document))), Readable(tokenizer.Decode(ids)));
        });
    }

    [Fact]
    public void More_pieces_make_shorter_texts_and_few_make_texts_hardly_longer()
    {
        long[] tokens = [.. new[] { 512, 1024, 2048 }.Select(size => Tokens(Load(size))), Tokens(Sources.T5)];
        Assert.Equal(tokens.OrderDescending(), tokens);
        Assert.True(tokens[2] < 1.15 * tokens[3], string.Join(' ', tokens));
    }

    [Fact]
    public void The_pieces_kept_serve_better_than_the_most_frequent_of_the_original()
    {
        var model = SentencePieceModel.Read(Sources.Pieces);
        var characters = model.Pieces.Where(piece => piece.Text.Length == 1 && piece.Type == PieceType.Normal).ToList();
        var naive = model.With([.. model.Pieces.Take(3), .. characters, .. model.Pieces.Skip(3).Except(characters).Take(1024 - 100 - 3 - characters.Count)]);
        Assert.True(Tokens(Load(1024)) < 0.8 * Tokens(new PieceTokenizer(naive, 100)));
    }

    [Fact]
    public void The_order_of_documents_and_the_cache_change_nothing()
    {
        var model = SentencePieceModel.Read(Sources.Pieces);
        var documents = Smoke.Documents().ToList();
        Assert.Equal(UnigramTrimmer.Trim(model, documents, 400).ToBytes(), UnigramTrimmer.Trim(model, Enumerable.Reverse(documents), 400).ToBytes());
        var (made, cached) = (Load(512), Load(512));
        Assert.Equal(made.Identity, cached.Identity);
        Assert.NotEqual(made.Identity, Load(544).Identity);
    }

    [Fact]
    public void A_damaged_cache_is_made_again()
    {
        var identity = Load(512).Identity;
        var file = Assert.Single(Directory.GetFiles(folder.Path));
        var bytes = File.ReadAllBytes(file);
        bytes[^10] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Equal(identity, Load(512).Identity);
        File.WriteAllBytes(file, bytes[..300]);
        Assert.Equal(identity, Load(512).Identity);
    }

    [Fact]
    public void A_recipe_gives_it_its_corpus_and_folder()
    {
        var vocabulary = Reader.Read<Vocabulary>("{ kind: trimmed, from: t5/spiece.model, size: 512 }", "recipe.yaml");
        Assert.Contains("no corpus", Assert.Throws<InputException>(() => vocabulary.Load(folder.Path)).Message, StringComparison.Ordinal);
        var placed = DataFiles.Located(vocabulary, Path.Combine(Sources.Root, "data", "vocabulary")).Over(Smoke);
        Assert.Equal(Load(512).Identity, placed.Load(folder.Path).Identity);
    }

    [Fact]
    public void Sizes_that_cannot_be_are_refused()
    {
        Assert.Throws<InputException>(() => Reader.Read<Vocabulary>("{ kind: trimmed, from: x, size: 300, sentinels: 200 }", "recipe.yaml"));
        Assert.Contains("32100 rows", Assert.Throws<InputException>(() => Load(40_000)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private Tokenizer Load(int size) => new TrimmedVocabulary(Sources.Pieces, size, Smoke).Load(folder.Path);

    private static long Tokens(Tokenizer tokenizer) => Smoke.Documents().Sum(document => (long)tokenizer.EncodePlain(document).Length);

    // Characters that T5 does not know read as ⁇ there: they, and the spaces around, are left out of the comparison.
    private static string Readable(string text) => string.Concat(text.Where(c => Sources.T5.EncodePlain($"{c}").All(id => id != Tokenizer.Unknown) && c is not ('\u2047' or ' ')));
}
