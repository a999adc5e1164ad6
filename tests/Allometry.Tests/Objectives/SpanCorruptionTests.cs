using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Text;
using CsCheck;

namespace Allometry.Tests.Objectives;

public sealed class SpanCorruptionTests
{
    private static readonly ByteTokenizer Bytes = new(sentinels: 1000);

    [Theory] // inputs -> raw, targets, noise, spans: T5's well-known lengths, then the table in UL2 of density and mean span (with at least one span)
    [InlineData(0.15, 3, 128, 141, 29, 21, 7)]
    [InlineData(0.15, 3, 256, 284, 58, 43, 14)]
    [InlineData(0.15, 3, 512, 568, 114, 85, 28)]
    [InlineData(0.15, 3, 4096, 4550, 910, 682, 227)]
    [InlineData(0.15, 3, 1024, 1137, 229, 171, 57)]
    [InlineData(0.15, 3, 64, 70, 14, 10, 3)]
    [InlineData(0.15, 8, 512, 588, 100, 88, 11)]
    [InlineData(0.15, 8, 128, 146, 26, 22, 3)]
    [InlineData(0.15, 8, 64, 73, 13, 11, 1)]
    [InlineData(0.5, 3, 512, 766, 512, 383, 128)]
    [InlineData(0.5, 3, 128, 190, 128, 95, 32)]
    [InlineData(0.5, 3, 64, 94, 64, 47, 16)]
    [InlineData(0.5, 8, 512, 908, 512, 454, 57)]
    [InlineData(0.5, 8, 128, 226, 128, 113, 14)]
    [InlineData(0.5, 8, 64, 112, 64, 56, 7)]
    [InlineData(0.15, 64, 512, 600, 92, 90, 1)]
    [InlineData(0.15, 64, 128, 148, 24, 22, 1)]
    [InlineData(0.15, 64, 64, 73, 13, 11, 1)]
    [InlineData(0.5, 64, 512, 1006, 512, 503, 8)]
    [InlineData(0.5, 64, 128, 250, 128, 125, 2)]
    [InlineData(0.5, 64, 64, 124, 64, 62, 1)]
    public void Lengths_are_those_of_T5_and_UL2(double density, double meanSpan, int inputs, int raw, int targets, int noise, int spans) =>
        Assert.Equal(new ObjectiveLengths(raw, inputs, targets, noise, spans), new SpanCorruption(density, meanSpan).Lengths(inputs));

    [Fact]
    public void The_text_planned_is_the_longest_that_fits() =>
        Settings.Select(Gen.Int[3, 300]).Sample((settings, inputs) =>
        {
            var corruption = new SpanCorruption(settings.Density, settings.MeanSpan);
            var lengths = corruption.Lengths(inputs);
            Assert.True(lengths.Inputs <= inputs);
            Assert.True(corruption.Of(lengths.Raw + (settings.Density == 0.5 ? 2 : 1)).Inputs > inputs);
        });

    [Fact]
    public void Putting_the_spans_back_gives_the_text_for_every_setting() =>
        Settings.Select(Gen.Int[2, 400], Gen.Long).Sample((settings, length, seed) =>
        {
            var corruption = new SpanCorruption(settings.Density, settings.MeanSpan);
            var tokens = Enumerable.Range(0, length).Select(i => 3 + (i % 256)).ToArray();
            var example = corruption.Make(tokens, Bytes, RandomStream.For(seed, "test"));
            var lengths = corruption.Of(length);
            Assert.Equal((lengths.Inputs, lengths.Targets), (example.Inputs.Length, example.Targets.Length));
            Assert.Equal((1, 1), (example.Inputs[^1], example.Targets[^1]));
            Assert.Equal(tokens, Restored(example.Inputs, example.Targets));
            Assert.Equal(Enumerable.Range(0, lengths.Spans).Select(Bytes.Sentinel), example.Inputs.Where(Bytes.IsSentinel));
            Assert.Equal(Enumerable.Range(0, lengths.Spans).Select(Bytes.Sentinel), example.Targets.Where(Bytes.IsSentinel));
            Assert.True(!Bytes.IsSentinel(example.Inputs[0]) && Bytes.IsSentinel(example.Inputs[^2]), "text first, noise last");
            Assert.False(Bytes.IsSentinel(example.Targets[^2]), "no sentinel closes");
        }, iter: 2000);

    [Fact]
    public void Masks_follow_the_distribution_of_T5s_segmentation()
    {
        const int length = 20, draws = 10_000; // 4 noise tokens in 2 spans among 16 others
        var corruption = new SpanCorruption(0.2, 2);
        var hidden = new int[length];
        for (var draw = 0; draw < draws; draw++)
        {
            foreach (var token in corruption.Make([.. Enumerable.Range(3, length)], Bytes, RandomStream.For(draw, "masks")).Targets.Where(id => !Bytes.IsSentinel(id) && id != 1)) hidden[token - 3]++;
        }

        Assert.Equal(4 * draws, hidden.Sum());
        var expected = Expected(length, noise: 4);
        Assert.All(hidden.Zip(expected), pair => Assert.InRange(pair.First / (double)draws, pair.Second - 0.02, pair.Second + 0.02)); // 4 standard deviations
    }

    [Fact]
    public void Every_composition_is_equally_likely()
    {
        var random = RandomStream.For(3, "test");
        var counts = Enumerable.Range(0, 10_000).GroupBy(_ => string.Join('+', Composition.Random(6, 3, random))).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(10, counts.Count); // 5 over 2
        Assert.True(counts.Values.Sum(count => Math.Pow(count - 1000, 2) / 1000.0) < 27.9, string.Join(' ', counts)); // 9 degrees: p = 0.001
    }

    [Fact] // UL2's S-denoiser as T5's formula: mean span a quarter of the text, density 0.25
    public void One_long_span_is_the_end_of_the_text()
    {
        var example = new SpanCorruption(0.25, 16).Make([.. Enumerable.Range(3, 64)], Bytes, RandomStream.For(1, "test"));
        Assert.Equal([.. Enumerable.Range(3, 48), Bytes.Sentinel(0), 1], example.Inputs);
        Assert.Equal([Bytes.Sentinel(0), .. Enumerable.Range(51, 16), 1], example.Targets);
    }

    [Fact]
    public void Too_few_sentinels_are_told_beforehand_and_never_overrun()
    {
        var corruption = new SpanCorruption(0.5, 3);
        Assert.Contains("128 spans", Assert.Single(corruption.Problems("pretrain", 512, 100)).What, StringComparison.Ordinal);
        Assert.Empty(corruption.Problems("pretrain", 512, 128));
        Assert.Single(corruption.Problems("pretrain", 2, 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => corruption.Make(new int[766], new ByteTokenizer(100), RandomStream.For(1, "test")));
    }

    [Fact]
    public void Settings_out_of_range_are_refused_where_they_stand()
    {
        Assert.Equal(new SpanCorruption(), Reader.Read<Objective>("span-corruption", "recipe.yaml"));
        var problems = Assert.Throws<InputException>(() => Reader.Read<Objective>("{ kind: span-corruption, density: 1, mean-span: 0.5 }", "recipe.yaml")).Problems;
        Assert.Equal(["recipe.yaml:1:35", "recipe.yaml:1:49"], problems.Select(problem => problem.Where));
    }

    private static Gen<(double Density, double MeanSpan)> Settings => Gen.Select(OneOf(0.01, 0.15, 0.25, 0.5, 0.9, 0.99), OneOf(1, 1.5, 3, 8, 64));

    private static Gen<double> OneOf(params double[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static int[] Restored(int[] inputs, int[] targets) => [.. inputs[..^1].SelectMany(id =>
        Bytes.IsSentinel(id) ? targets[..^1].SkipWhile(other => other != id).Skip(1).TakeWhile(other => !Bytes.IsSentinel(other)) : [id])];

    // Brute force over both compositions into two parts: how often each place is hidden.
    private static double[] Expected(int length, int noise)
    {
        var (share, all) = (new double[length], (length - noise - 1) * (noise - 1));
        for (var text = 1; text < length - noise; text++)
        {
            for (var first = 1; first < noise; first++)
            {
                for (var i = 0; i < first; i++) share[text + i] += 1.0 / all;
                for (var i = first; i < noise; i++) share[length - noise + i] += 1.0 / all;
            }
        }

        return share;
    }
}
