using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Tests.Store;
using Allometry.Tests.Text;
using Allometry.Text;

namespace Allometry.Tests.Objectives;

public sealed class ObjectiveTests
{
    private static readonly ByteTokenizer Bytes = new();

    [Fact]
    public void A_prefix_language_model_continues_from_every_place_alike()
    {
        var cuts = new int[10];
        for (var draw = 0; draw < 9000; draw++)
        {
            var example = new PrefixLanguageModel().Make([3, 4, 5, 6, 7, 8, 9, 10, 11, 12], Bytes, RandomStream.For(draw, "test"));
            Assert.Equal([3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [.. example.Inputs[..^1], .. example.Targets[..^1]]);
            Assert.Equal((1, 1), (example.Inputs[^1], example.Targets[^1]));
            cuts[example.Inputs.Length - 1]++;
        }

        Assert.Equal(0, cuts[0]);
        Assert.True(cuts[1..].Sum(count => Math.Pow(count - 1000, 2) / 1000.0) < 26.1, string.Join(' ', cuts)); // chi-square, 8 degrees: p = 0.001
    }

    [Fact]
    public void A_language_model_predicts_the_whole_text_after_an_end_token()
    {
        var example = new LanguageModeling().Make([7, 8, 9], Bytes, RandomStream.For(1, "test"));
        Assert.Equal([1], example.Inputs);
        Assert.Equal([7, 8, 9, 1], example.Targets);
    }

    [Theory] // every reading of UL2's S-denoiser, and any cut
    [InlineData("{ kind: prefix-language-model, hidden: 0.25 }", false)]
    [InlineData("{ kind: prefix-language-model, hidden: 0.25, sentinel: true }", true)]
    [InlineData("{ kind: prefix-language-model, hidden: 0.75 }", false)]
    [InlineData("{ kind: prefix-language-model, hidden: 0.75, sentinel: true }", true)]
    [InlineData("prefix-language-model", false)]
    [InlineData("{ kind: prefix-language-model, sentinel: true }", true)]
    public void Inputs_and_targets_of_a_prefix_language_model_are_the_text(string yaml, bool sentinel)
    {
        var objective = (PrefixLanguageModel)Reader.Read<Objective>(yaml, "recipe.yaml");
        for (var length = 2; length <= 300; length++)
        {
            int[] text = [.. Enumerable.Range(0, length).Select(i => 3 + ((i * 7) % 256))];
            var example = objective.Make(text, Bytes, RandomStream.For(length, "test"));
            var border = sentinel ? 1 : 0;
            int[] read = example.Inputs[..^(1 + border)], written = example.Targets[border..^1];
            Assert.Equal<int>(text, (int[])[.. read, .. written]);
            Assert.Equal((1, 1), (example.Inputs[^1], example.Targets[^1]));
            if (sentinel) Assert.Equal((Bytes.Sentinel(0), Bytes.Sentinel(0)), (example.Inputs[^2], example.Targets[0]));
            if (objective.Hidden is { } share) Assert.Equal(Math.Clamp((int)Math.Round(share * length, MidpointRounding.ToEven), 1, length - 1), written.Length);
        }

        Assert.Equal(sentinel, objective.Problems("o", 64, new ByteTokenizer(0)).Any());
    }

    [Theory]
    [InlineData("{ kind: span-corruption, density: 0.9999999 }")]
    [InlineData("{ kind: prefix-language-model, hidden: 0.9999999 }")]
    public void Hiding_nearly_all_is_refused(string yaml) => Assert.Contains("at most 0.99", Assert.Throws<InputException>(() => Reader.Read<Objective>(yaml, "recipe.yaml")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("span-corruption")]
    [InlineData("{ kind: span-corruption, density: 0.5, mean-span: 8 }")]
    [InlineData("prefix-language-model")]
    [InlineData("language-model")]
    [InlineData("gap-sentences")]
    public void Examples_never_exceed_the_lengths_promised(string yaml)
    {
        var objective = Reader.Read<Objective>(yaml, "recipe.yaml");
        foreach (var inputLength in (int[])[3, 4, 17, 128])
        {
            var lengths = objective.Lengths(inputLength);
            Assert.InRange(lengths.Inputs, 1, inputLength);
            for (var seed = 0; seed < 50; seed++)
            {
                var example = objective.Make([.. Enumerable.Range(3, lengths.Raw)], Bytes, RandomStream.For(seed, "test"));
                Assert.InRange(example.Inputs.Length, 1, lengths.Inputs);
                Assert.InRange(example.Targets.Length, 1, lengths.Targets);
            }
        }
    }

    [Fact]
    public void Batches_depend_on_the_step_alone_and_hide_a_text_otherwise_in_the_next_epoch()
    {
        using var folder = new TemporaryFolder();
        using var tokens = Tokens(Sources.Smoke, folder);
        var objective = new SpanCorruption();
        PretrainingBatches Batches(long seed) => new(new Segments(tokens, objective.Lengths(64).Raw, 1), objective, Bytes, batch: 4, seed);
        var (one, other) = (Batches(1), Batches(1));
        var late = other.At(10_000);
        foreach (var step in (long[])[3, 0, 3, 10_000]) Assert.Equal(Ids(one.At(step)), Ids(other.At(step)));
        Assert.NotEqual(Ids(late), Ids(Batches(2).At(10_000)));
        Assert.All(late, example => Assert.Equal((64, 14), (example.Inputs.Length, example.Targets.Length)));

        using var single = Tokens(folder.File("a.txt", new string('a', 70)), folder);
        var repeated = new PretrainingBatches(new Segments(single, 70, 1), objective, Bytes, batch: 1, seed: 1);
        Assert.True(Enumerable.Range(0, 20).Select(step => string.Join(' ', repeated.At(step)[0].Inputs)).Distinct().Count() > 15);
    }

    private static TokenFile Tokens(string file, TemporaryFolder cache) => TokenFile.Obtain(new Corpus([file], HeldOut: 0), Bytes, Split.Train, cache.Path);

    private static IEnumerable<int> Ids(IEnumerable<Allometry.Tasks.Example> examples) => examples.SelectMany(example => (int[])[.. example.Inputs, .. example.Targets]);
}
