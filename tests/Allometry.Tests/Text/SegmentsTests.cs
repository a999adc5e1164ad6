using Allometry.Kinds;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Text;

public sealed class SegmentsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void An_epoch_gives_every_segment_once_and_the_next_in_another_order()
    {
        using var tokens = Tokens(string.Concat(Enumerable.Range(0, 500).Select(i => $"{i:000}")) + "x\n\ny"); // 1502 tokens: the last two fill no segment
        var segments = new Segments(tokens, 3, seed: 5);
        Assert.Equal(500, segments.Count);
        var (first, second) = (Epoch(segments, 0), Epoch(segments, 1));
        Assert.Equal(Enumerable.Range(0, 500), first.Order());
        Assert.Equal(Enumerable.Range(0, 500), second.Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(first, Enumerable.Range(0, 500));
        Assert.NotEqual(first, Epoch(new Segments(tokens, 3, seed: 6), 0));
        Assert.True(first.Zip(second).Count(pair => pair.First == pair.Second) < 10);
    }

    [Fact]
    public void An_index_gives_the_same_whatever_was_read_before()
    {
        using var tokens = Tokens(string.Concat(Enumerable.Range(0, 50).Select(i => $"{i:000}")));
        var inOrder = Enumerable.Range(0, 10).SelectMany(epoch => Epoch(new Segments(tokens, 3, 5), epoch)).ToList();
        var segments = new Segments(tokens, 3, 5);
        var indices = Enumerable.Range(0, inOrder.Count).ToArray();
        RandomStream.For(1, "test").Shuffle(indices.AsSpan());
        Assert.All(indices.AsParallel(), index => Assert.Equal(inOrder[index], At(segments, index)));
    }

    [Fact]
    public void Segments_cross_documents_as_T5s_do()
    {
        using var tokens = Tokens("ab\n\ncd\n\nef");
        Assert.Equal(["abc", "def"], Enumerable.Range(0, 2).Select(i => Text(new Segments(tokens, 3, 1), i)).Order());
    }

    [Fact]
    public void A_text_shorter_than_a_segment_is_told()
    {
        using var tokens = Tokens("short");
        var message = Assert.Throws<InputException>(() => new Segments(tokens, 6, 1)).Message;
        Assert.Contains("its 5 train tokens do not fill one segment of 6", message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private TokenFile Tokens(string text) => TokenFile.Obtain(new Corpus([folder.File("a.txt", text)], HeldOut: 0), new ByteTokenizer(), Split.Train, folder.Path);

    private static List<int> Epoch(Segments segments, long epoch) => [.. Enumerable.Range(0, (int)segments.Count).Select(i => At(segments, (epoch * segments.Count) + i))];

    private static int At(Segments segments, long index) => int.Parse(Text(segments, index), System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(Segments segments, long index)
    {
        var ids = new int[segments.Length];
        segments.Read(index, ids);
        return new ByteTokenizer().Decode(ids);
    }
}
