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
        int[] text = [.. Enumerable.Range(0, length).Select(i => 3 + (i % 256))];
        var example = new PrefixLanguageModel(0.75, Sentinel: true).Make(text, Bytes, RandomStream.For(1, "test"));
        Assert.Equal([.. text, 1], Restored(example));
        Assert.Equal(Math.Max(1, (int)Math.Round(length / 4.0, MidpointRounding.ToEven)), example.Inputs.Length - 2);
        Assert.Equal((Bytes.Sentinel(0), Bytes.Sentinel(0)), (example.Inputs[^2], example.Targets[0]));
    });

    [Theory]
    [InlineData("ul2-without-modes", 1.0 / 7)]
    [InlineData("ul2-40-40-20", 0.2)]
    public void Denoisers_are_drawn_at_their_rates_and_each_reads_its_own_length(string name, double first)
    {
        const int examples = 14_000;
        const double most = 22.46; // chi-square, 6 degrees: p = 0.001
        string[] own = [.. Enumerable.Range(0, 7).Select(i => $"[{i}]")]; // by which each denoiser is known
        var marked = new ByteTokenizer(600, own);
        using var folder = new TemporaryFolder();
        using var tokens = TokenFile.Obtain(new Corpus([Sources.Smoke], HeldOut: 0), marked, Split.Train, folder.Path, cancellation: TestContext.Current.CancellationToken);
        var named = (MixtureOfDenoisers)Reader.Read<Objective>(name, "recipe.yaml");
        var mixture = named with { Denoisers = [.. named.Denoisers.Zip(own, (line, mode) => line with { Mode = mode })] };
        var batches = PretrainingBatches.Of(new(tokens, marked, 128), mixture, 100, seed: 5);
        var drawn = Enumerable.Range(0, examples / 100).SelectMany(step => batches.At(step)).ToLookup(example => example.Inputs[0]);
        Assert.Equal((7, first), (drawn.Count, mixture.Parts[0].Share));
        var counts = mixture.Parts.Zip(own, (part, mode) => (part.Share, Lengths: part.Objective.Lengths(128), Examples: drawn[marked.Encode(mode).Single()].ToList())).ToList();
        Assert.All(counts, part => Assert.All(part.Examples, example => Assert.Equal((part.Lengths.Inputs, part.Lengths.Targets), (example.Inputs.Length, example.Targets.Length))));
        Assert.True(counts.Sum(part => Math.Pow(part.Examples.Count - (part.Share * examples), 2) / (part.Share * examples)) < most, string.Join(' ', counts.Select(part => part.Examples.Count)));
        Assert.Equal(batches.At(77)[3].Inputs, PretrainingBatches.Of(new(tokens, marked, 128), mixture, 100, seed: 5).At(77)[3].Inputs);
        Assert.NotEqual(batches.At(77)[3].Inputs, PretrainingBatches.Of(new(tokens, marked, 128), mixture, 100, seed: 6).At(77)[3].Inputs);
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
    public void With_a_mode_and_with_its_place_kept_empty_the_same_text_is_read_and_hidden_alike()
    {
        using var folder = new TemporaryFolder();
        using var tokens = TokenFile.Obtain(new Corpus([Sources.Smoke], HeldOut: 0), Bytes, Split.Train, folder.Path, cancellation: TestContext.Current.CancellationToken);
        foreach (var denoiser in Bare.Denoisers.Select(line => line.Denoiser))
        {
            var (moded, empty) = (new WithMode("[NLU]", denoiser), new WithMode("", denoiser));
            Assert.Empty(empty.Problems("validate", 128, Bytes));
            var (one, other) = (PretrainingBatches.Of(new(tokens, Bytes, 128), moded, 8, seed: 0).At(3), PretrainingBatches.Of(new(tokens, Bytes, 128), empty, 8, seed: 0).At(3));
            Assert.All(one.Zip(other), pair => Assert.Equal((string.Join(' ', pair.First.Inputs[1..]), string.Join(' ', pair.First.Targets)), (string.Join(' ', pair.Second.Inputs), string.Join(' ', pair.Second.Targets))));
        }
    }

    [Theory] // of a mixture within another, each denoiser reads text of its own length and is measured
    [InlineData("{ kind: mixture-of-denoisers, denoisers: [{ name: U, rate: 0.7, denoiser: ul2-without-modes }, { name: L, rate: 0.3, denoiser: language-model }] }", "U.R1", 0.1)]
    [InlineData("{ kind: with-mode, mode: \"[NLU]\", denoiser: ul2-without-modes }", "R1", 1.0 / 7)]
    public void Presets_may_be_mixed_and_given_modes_and_stay_what_they_are(string yaml, string first, double share)
    {
        var mixture = Reader.Read<Denoiser>(yaml, "recipe.yaml");
        Assert.Equal(first, mixture.Parts[0].Name);
        Assert.Equal(share, mixture.Parts[0].Share, 12);
        Assert.Equal(1, mixture.Parts.Sum(part => part.Share), 12);
        var shift = mixture is WithMode ? 1 : 0;
        Assert.Equal(Bare.Parts.Select(part => part.Objective.Lengths(128 - shift).Raw), mixture.Parts.Take(7).Select(part => part.Objective.Lengths(128).Raw));
    }

    [Fact]
    public void Every_denoiser_of_the_catalogue_can_be_named_where_one_is_expected() =>
        Assert.All(Catalogue.Of(typeof(Denoiser)).Where(entry => entry.IsPreset), entry => Assert.Equal(Canonical.Json(Reader.Read<Objective>(entry.Name, "a")), Canonical.Json((Objective)Reader.Read<Denoiser>(entry.Name, "a"))));

    [Theory]
    [InlineData("{ kind: with-mode, mode: \"[NLU]\", denoiser: ul2 }", "a mode of its own")]
    [InlineData("{ kind: mixture-of-denoisers, denoisers: [{ name: R, mode: \"[NLU]\", denoiser: { kind: with-mode, mode: \"[NLG]\", denoiser: span-corruption } }] }", "'R' has a mode, and so has")]
    public void Two_modes_are_one_too_many(string yaml, string what) =>
        Assert.Contains(what, Assert.Single(Assert.Throws<InputException>(() => Reader.Read<Denoiser>(yaml, "recipe.yaml")).Problems).What, StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_typical_lengths_of_a_cut_anywhere_are_those_of_examples(bool sentinel)
    {
        var denoiser = new PrefixLanguageModel(Sentinel: sentinel);
        var lengths = denoiser.Lengths(128);
        var examples = Enumerable.Range(0, 4000).Select(i => denoiser.Make(new int[lengths.Raw], Bytes, RandomStream.For(i, "test"))).ToList();
        Assert.Equal(lengths.Typical.Average(one => one.Inputs), examples.Average(example => example.Inputs.Length), 2.0);
        Assert.Equal(1, lengths.Typical.Average(one => one.Inputs * one.Inputs) / examples.Average(example => example.Inputs.Length * example.Inputs.Length), 0.03);
        Assert.All(lengths.Typical, one => Assert.Equal(examples[0].Inputs.Length + examples[0].Targets.Length, one.Inputs + one.Targets));
        Assert.Equal(lengths.Inputs, examples.Max(example => example.Inputs.Length));
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
