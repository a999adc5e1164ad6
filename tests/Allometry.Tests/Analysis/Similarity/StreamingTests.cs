using Allometry.Analysis.Similarity;
using Allometry.Text;

namespace Allometry.Tests.Analysis.Similarity;

/// <summary>Examples that go by in blocks: nothing of them is kept.</summary>
public sealed class StreamingTests
{
    private const int Width = 6;

    // Blocks are counted that are still reachable after a collection, however many have gone by; what is made of them has the size of the features.
    [Theory]
    [InlineData(20_000)]
    [InlineData(200_000)]
    public void However_many_examples_there_are_only_the_blocks_at_work_are_in_memory(int examples)
    {
        var (first, second) = (new Passing("first", examples, 1), new Passing("second", examples, 2));
        var grid = LayerGrid.Of([first, first], [second]);

        Assert.Equal(examples, grid.Examples);
        Assert.InRange(first.Blocked + second.Blocked, examples / 1024, int.MaxValue);
        Assert.InRange(Math.Max(first.MostAlive, second.MostAlive), 0, 6);
    }

    [Fact]
    public void What_is_streamed_is_what_is_computed_of_all_at_once()
    {
        var (first, second) = (new Passing("first", 5000, 1), new Passing("second", 5000, 2));
        var whole = LinearCka.Of(first.All(), second.All());
        var streamed = LayerGrid.Of([first], [second]).Values[0][0];
        Assert.Equal(whole.Linear!.Value, streamed.Linear!.Value, 1e-12);
        Assert.Equal(whole.Unbiased!.Value, streamed.Unbiased!.Value, 1e-12);
    }

    /// <summary>Features that are drawn while they are asked for; the second set follows the first half-way.</summary>
    private sealed class Passing(string name, int examples, int seed) : Layer(name, StreamingTests.Width)
    {
        private readonly List<WeakReference> blocks = [];

        public int Blocked => blocks.Count;

        public int MostAlive { get; private set; }

        public override long Count => examples;

        public Features All() => new(examples, StreamingTests.Width, [.. Blocks(1024).SelectMany(block => block)]);

        public override IEnumerable<double[]> Blocks(int atOnce)
        {
            for (var first = 0; first < examples; first += atOnce)
            {
                if (first / atOnce % 16 == 15) Look();
                yield return Drawn(first, Math.Min(atOnce, examples - first));
            }
        }

        private double[] Drawn(int first, int count)
        {
            var (shared, own) = (RandomStream.For(7, "shared", first), RandomStream.For(seed, "own", first));
            double[] block = [.. Enumerable.Range(0, count * StreamingTests.Width).Select(_ => shared.Uniform() + own.Uniform())];
            blocks.Add(new(block));
            return block;
        }

        private void Look()
        {
            GC.Collect();
            MostAlive = Math.Max(MostAlive, blocks.Count(block => block.IsAlive));
        }
    }
}
