using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Papers.Ul2;
using Allometry.Tasks;
using Allometry.Tests.Store;
using Allometry.Tests.Text;
using Allometry.Text;
using CsCheck;

namespace Allometry.Tests.Papers.Ul2;

public sealed class MixtureOfDenoisersTests
{
    private static readonly string[] Modes = ["[NLU]", "[NLG]", "[S2S]"];
    private static readonly ByteTokenizer Bytes = new(sentinels: 600, Modes);
    private static readonly MixtureOfDenoisers Seven = (MixtureOfDenoisers)Reader.Read<Objective>("ul2", "recipe.yaml");
    private static readonly MixtureOfDenoisers Bare = (MixtureOfDenoisers)Reader.Read<Objective>("ul2-without-modes", "recipe.yaml");

    [Fact]
    public void The_seven_denoisers_are_those_of_the_table()
    {
        Assert.Equal(["R1", "R2", "S", "X1", "X2", "X3", "X4"], Seven.Denoisers.Select(line => line.Name));
        Assert.Equal(["[NLU]", "[NLU]", "[S2S]", "[NLG]", "[NLG]", "[NLG]", "[NLG]"], Seven.Denoisers.Select(line => line.Mode));
        (double Density, double MeanSpan)[] spans = [.. Seven.Denoisers.Select(line => line.Denoiser).OfType<SpanCorruption>().Select(spans => (spans.Density, spans.MeanSpan))];
        Assert.Equal([(0.15, 3), (0.15, 8), (0.5, 3), (0.5, 8), (0.15, 64), (0.5, 64)], spans);
        Assert.All(Seven.Parts, part => Assert.Equal(1.0 / 7, part.Share));
        Assert.Equal([0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1], Reader.Read<Objective>("ul2-40-40-20", "recipe.yaml").Parts.Select(part => part.Share));
    }

    [Theory] // raw, inputs, targets, noise, spans by denoiser: the table of lengths (X3 at 128 and 64 with at least one span; S after the same formula, 25 % in one span)
    [InlineData(512, "R1 568 512 114 85 28", "R2 588 512 100 88 11", "X1 766 512 512 383 128", "X2 908 512 512 454 57", "X3 600 512 92 90 1", "X4 1006 512 512 503 8", "S 680 512 172 170 1")]
    [InlineData(128, "R1 141 128 29 21 7", "R2 146 128 26 22 3", "X1 190 128 128 95 32", "X2 226 128 128 113 14", "X3 148 128 24 22 1", "X4 250 128 128 125 2", "S 168 128 44 42 1")]
    [InlineData(64, "R1 70 64 14 10 3", "R2 73 64 13 11 1", "X1 94 64 64 47 16", "X2 112 64 64 56 7", "X3 73 64 13 11 1", "X4 124 64 64 62 1", "S 83 64 23 21 1")]
    public void Every_denoiser_has_a_text_of_its_own_length(int inputLength, params string[] lines)
    {
        var parts = Bare.Parts.ToDictionary(part => part.Name, part => part.Objective.Lengths(inputLength));
        Assert.All(lines, line => Assert.Equal(line, $"{line.Split(' ')[0]} {Words(parts[line.Split(' ')[0]])}"));
    }

    [Theory]
    [InlineData(128, "149 128 23 22 0")]
    [InlineData(64, "74 64 12 11 0")]
    [InlineData(512, "600 512 92 90 1")]
    public void T5s_planning_may_be_asked_for_and_the_example_then_loses_its_ends(int inputLength, string lengths)
    {
        var planned = new SpanCorruption(0.15, 64, PlansAsT5: true);
        Assert.Equal(lengths, Words(planned.Lengths(inputLength)));
        int[] text = [.. Enumerable.Range(0, planned.Lengths(inputLength).Raw).Select(i => 3 + (i % 256))];
        var example = planned.Make(text, Bytes, RandomStream.For(1, "test"));
        Assert.Equal((planned.Lengths(inputLength).Inputs, planned.Lengths(inputLength).Targets), (example.Inputs.Length, example.Targets.Length));
        Assert.Equal(text, Restored(example).Where(id => id != 1));
    }

    [Fact]
    public void The_corruption_of_every_denoiser_reverses_to_the_text() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[2, 300], Gen.Long).Sample((part, length, seed) =>
        {
            int[] text = [.. Enumerable.Range(0, length).Select(i => 3 + (i % 256))];
            var (moded, bare) = (Seven.Parts[part].Objective.Make(text, Bytes, RandomStream.For(seed, "test")), Bare.Parts[part].Objective.Make(text, Bytes, RandomStream.For(seed, "test")));
            Assert.Equal([.. text, 1], Restored(bare));
            Assert.Equal([Bytes.Encode(Seven.Denoisers[part].Mode!).Single(), .. bare.Inputs], moded.Inputs); // the mode comes after the corruption and stands in front
            Assert.Equal(bare.Targets, moded.Targets);
        }, iter: 1000);

    [Fact]
    public void With_modes_every_denoiser_fits_the_inputs_that_it_was_promised() => Assert.All(Seven.Parts, part =>
    {
        foreach (var inputLength in (int[])[64, 100, 128, 512])
        {
            var lengths = part.Objective.Lengths(inputLength);
            var example = part.Objective.Make([.. Enumerable.Range(0, lengths.Raw).Select(i => 3 + (i % 256))], Bytes, RandomStream.For(1, "test"));
            Assert.Equal((lengths.Inputs, lengths.Targets), (example.Inputs.Length, example.Targets.Length));
            Assert.InRange(lengths.Inputs, inputLength - 1, inputLength);
        }
    });

    [Fact] // ul2.md 1.4: the table's reading is span corruption with mean span L/4 and density 0.25
    public void The_S_denoiser_of_the_table_is_span_corruption_with_one_span_at_the_end() => Gen.Int[4, 700].Sample(length =>
    {
        int[] text = [.. Enumerable.Range(0, length).Select(i => 3 + (i % 256))];
        var example = new PrefixLanguageModel(0.25, Sentinel: true).Make(text, Bytes, RandomStream.For(1, "one"));
        var spans = new SpanCorruption(0.25, length / 4.0).Make(text, Bytes, RandomStream.For(2, "another"));
        Assert.Equal(spans.Inputs, example.Inputs);
        Assert.Equal(spans.Targets, example.Targets);
        Assert.Equal((int)Math.Round(length / 4.0, MidpointRounding.ToEven), example.Targets.Length - 2);
    });

    [Fact] // ul2.md 1.4, FAT5's reading: a prefix of a quarter, one sentinel
    public void The_S_denoiser_may_hide_three_quarters() => Gen.Int[3, 700].Sample(length =>
    {
        var example = new PrefixLanguageModel(0.75, Sentinel: true).Make(new int[length], Bytes, RandomStream.For(1, "test"));
        Assert.Equal(Math.Max(1, (int)Math.Round(length / 4.0, MidpointRounding.ToEven)), example.Inputs.Length - 2);
        Assert.Equal((Bytes.Sentinel(0), Bytes.Sentinel(0)), (example.Inputs[^2], example.Targets[0]));
    });

    [Theory]
    [InlineData("ul2-without-modes", 1.0 / 7, 18.5)] // chi-square, 4 degrees: p = 0.001
    [InlineData("ul2-40-40-20", 0.2, 18.5)]
    public void Denoisers_are_drawn_at_their_rates_and_each_reads_its_own_length(string name, double first, double most)
    {
        const int examples = 14_000;
        using var folder = new TemporaryFolder();
        using var tokens = TokenFile.Obtain(new Corpus([Sources.Smoke], HeldOut: 0), Bytes, Split.Train, folder.Path, cancellation: TestContext.Current.CancellationToken);
        var named = (MixtureOfDenoisers)Reader.Read<Objective>(name, "recipe.yaml");
        var mixture = named with { Denoisers = [.. named.Denoisers.Select(line => line with { Mode = null })] };
        var batches = PretrainingBatches.Of(new(tokens, Bytes, 128), mixture, 100, seed: 5);
        var byLength = Enumerable.Range(0, examples / 100).SelectMany(step => batches.At(step)).CountBy(example => (example.Inputs.Length, example.Targets.Length)).ToDictionary();
        // X1, X2 and X4 fill inputs and targets alike: their counts are taken together.
        var counted = mixture.Parts.GroupBy(part => (part.Objective.Lengths(128).Inputs, part.Objective.Lengths(128).Targets)).ToDictionary(group => group.Key, group => group.Sum(part => part.Share));
        Assert.Equal(counted.Keys.Order(), byLength.Keys.Order());
        Assert.Equal((7, 5, first), (mixture.Parts.Count, counted.Count, mixture.Parts[0].Share));
        Assert.True(counted.Sum(pair => Math.Pow(byLength[pair.Key] - (pair.Value * examples), 2) / (pair.Value * examples)) < most, string.Join(' ', byLength));
        Assert.Equal(batches.At(77)[3].Inputs, PretrainingBatches.Of(new(tokens, Bytes, 128), mixture, 100, seed: 5).At(77)[3].Inputs);
        Assert.NotEqual(batches.At(77)[3].Inputs, PretrainingBatches.Of(new(tokens, Bytes, 128), mixture, 100, seed: 6).At(77)[3].Inputs);
    }

    [Fact]
    public void A_draw_without_batches_follows_the_rates_too()
    {
        var counts = Enumerable.Range(0, 7000).CountBy(i => Seven.Make(new int[64], Bytes, RandomStream.For(i, "test")).Inputs[0]).ToDictionary();
        Assert.All(Modes.Zip([2000, 4000, 1000]), pair => Assert.InRange(counts[Bytes.Encode(pair.First).Single()], pair.Second - 150, pair.Second + 150));
    }

    [Fact]
    public void A_mode_that_is_text_needs_its_tokens_kept_for_it()
    {
        var plain = new ByteTokenizer(600);
        Assert.Equal(7, Seven.Problems("objective", 128, plain).Count(problem => problem.What.Contains("has 5 tokens", StringComparison.Ordinal)));
        Assert.Empty((Seven with { ModeLength = 5 }).Problems("objective", 128, plain));
        Assert.Empty(Seven.Problems("objective", 128, Bytes));
        var example = (Seven with { ModeLength = 5 }).Parts[0].Objective.Make(new int[10], plain, RandomStream.For(1, "test"));
        Assert.Equal("[NLU]", plain.Decode(example.Inputs[..5]));
    }

    [Fact]
    public void Too_few_sentinels_and_spans_longer_than_the_text_are_named_beforehand()
    {
        Assert.Equal(["objective, X1"], Bare.Problems("objective", 512, new ByteTokenizer(100)).Select(problem => problem.Where)); // 128 spans, T5 has 100 sentinels
        Assert.Equal(["objective, X3", "objective, X4"], Bare.Problems("objective", 32, Bytes).Select(problem => problem.Where).Distinct());
        Assert.Contains("longer than the 35 tokens", Bare.Problems("objective", 32, Bytes).First().What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{ name: R, rate: 0.5, denoiser: span-corruption }, { name: S, rate: 0.4, denoiser: prefix-language-model }]", "the rates add up to 0.9")]
    [InlineData("[{ name: R, rate: 1, denoiser: span-corruption }, { name: S, denoiser: prefix-language-model }]", "some have none")]
    [InlineData("[{ name: R, denoiser: span-corruption }, { name: R, denoiser: prefix-language-model }]", "two denoisers are called 'R'")]
    [InlineData("[{ name: R/S, denoiser: span-corruption }]", "cannot name a denoiser")]
    [InlineData("[]", "there is no denoiser")]
    public void What_is_no_mixture_is_refused_where_it_stands(string denoisers, string what)
    {
        var problem = Assert.Single(Assert.Throws<InputException>(() => Reader.Read<Objective>($"{{ kind: mixture-of-denoisers, denoisers: {denoisers} }}", "recipe.yaml")).Problems);
        Assert.StartsWith("recipe.yaml:1:", problem.Where, StringComparison.Ordinal);
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
    }

    private static string Words(ObjectiveLengths lengths) => $"{lengths.Raw} {lengths.Inputs} {lengths.Targets} {lengths.Noise} {lengths.Spans}";

    // Every sentinel of the inputs replaced by what follows it in the targets.
    private static IEnumerable<int> Restored(Example example) => example.Inputs.SelectMany(id =>
        Bytes.IsSentinel(id) ? example.Targets.SkipWhile(other => other != id).Skip(1).TakeWhile(other => !Bytes.IsSentinel(other) && other != 1) : [id]);
}
