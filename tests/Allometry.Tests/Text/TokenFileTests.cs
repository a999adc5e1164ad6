using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Text;

public sealed class TokenFileTests : IDisposable
{
    private static readonly Tokenizer Bytes = new ByteTokenizer();
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void It_holds_the_documents_one_after_the_other()
    {
        var corpus = new Corpus([Sources.Smoke], HeldOut: 0.1);
        foreach (var (tokenizer, split) in new[] { (Sources.T5, Split.Train), (Bytes, Split.Validation), (Bytes, Split.Test) })
        {
            using var tokens = Obtain(corpus, tokenizer, split);
            var expected = corpus.Documents(split).SelectMany(tokenizer.EncodePlain).ToArray();
            Assert.Equal((expected.Length, corpus.Documents(split).Count()), (tokens.Count, tokens.Documents));
            Assert.Equal(expected, All(tokens));
            Assert.Equal(expected[100..117], Read(tokens, 100, 17));
        }
    }

    [Fact]
    public void A_vocabulary_beyond_two_bytes_takes_four()
    {
        using var tokens = Obtain(Corpus("abc"), new ByteTokenizer(sentinels: 70_000), Split.Train);
        Assert.Equal(['a' + 3, 'b' + 3, 'c' + 3], All(tokens));
        Assert.Equal(64 + (3 * 4), new FileInfo(TheFile).Length);
    }

    [Fact]
    public void It_is_made_once_and_again_when_text_split_or_tokenizer_change()
    {
        var corpus = Corpus("some text");
        using (Obtain(corpus)) { }
        var written = File.GetLastWriteTimeUtc(TheFile);
        var told = new Told();
        using (Obtain(corpus, told: told)) { }
        Assert.Equal((written, 0), (File.GetLastWriteTimeUtc(TheFile), told.Shares.Count));
        using (Obtain(corpus, new ByteTokenizer(7))) { }
        using (Obtain(corpus, Bytes, Split.Test)) { }
        using (var tokens = Obtain(Corpus("other text"))) Assert.Equal("other text", Bytes.Decode(All(tokens)));
        Assert.Equal(4, Directory.GetFiles(folder.Path, "*.tokens").Length);
    }

    [Theory]
    [InlineData(0, 20)]     // cut to nearly nothing
    [InlineData(0, 70)]     // cut inside the tokens
    [InlineData(3, 0)]      // one bit of the header
    [InlineData(20, 0)]     // of the count
    [InlineData(45, 0)]     // of the identity
    [InlineData(75, 0)]     // of a token
    public void A_damaged_file_is_made_again(int altered, int cut)
    {
        var corpus = Corpus("some text that is long enough");
        using (Obtain(corpus)) { }
        var whole = File.ReadAllBytes(TheFile);
        var damaged = cut > 0 ? whole[..cut] : [.. whole];
        damaged[altered] ^= 1;
        File.WriteAllBytes(TheFile, damaged);
        using (var tokens = Obtain(corpus)) Assert.Equal("some text that is long enough", Bytes.Decode(All(tokens)));
        Assert.Equal(whole, File.ReadAllBytes(TheFile));
    }

    [Fact]
    public void Several_at_once_all_get_the_whole()
    {
        var corpus = new Corpus([Sources.Smoke]);
        var counts = Enumerable.Range(0, 6).AsParallel().WithDegreeOfParallelism(6).Select(_ =>
        {
            using var tokens = Obtain(corpus);
            return All(tokens).Sum(id => (long)id);
        }).ToList();
        Assert.Single(counts.Distinct());
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Progress_grows_to_the_whole_and_cancelling_leaves_nothing()
    {
        var told = new Told();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => TokenFile.Obtain(new Corpus([Sources.Smoke]), Bytes, Split.Train, folder.Path, told, cancelled.Token));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        told.Shares.Clear();
        using (Obtain(new Corpus([Sources.Smoke]), told: told)) { }
        Assert.Equal(told.Shares.Order(), told.Shares);
        Assert.Equal(1, told.Shares[^1]);
        Assert.True(told.Shares.Count > 1);
    }

    [Fact]
    public void Reading_past_the_end_or_after_disposal_is_refused()
    {
        var tokens = Obtain(Corpus("abc"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(tokens, 1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(tokens, -1, 1));
        tokens.Dispose();
        tokens.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Read(tokens, 0, 1));
    }

    public void Dispose() => folder.Dispose();

    private string TheFile => Assert.Single(Directory.GetFiles(folder.Path, "*.tokens"));

    private Corpus Corpus(string text)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, "texts")).FullName, "a.txt");
        File.WriteAllText(path, text);
        return new Corpus([path], HeldOut: 0);
    }

    private TokenFile Obtain(Corpus corpus, Tokenizer? tokenizer = null, Split split = Split.Train, Told? told = null) =>
        TokenFile.Obtain(corpus, tokenizer ?? Bytes, split, folder.Path, told);

    private static int[] All(TokenFile tokens) => Read(tokens, 0, (int)tokens.Count);

    private static int[] Read(TokenFile tokens, long offset, int count)
    {
        var ids = new int[count];
        tokens.Read(offset, ids);
        return ids;
    }

    private sealed class Told : IProgress<double>
    {
        public List<double> Shares { get; } = [];

        public void Report(double value) => Shares.Add(value);
    }
}
