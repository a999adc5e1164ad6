using System.Text.Json.Nodes;

namespace Allometry.EndToEnd.Tests;

public sealed class BenchTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Steps_are_timed_beside_the_twin_and_the_limit_with_the_memory_of_each()
    {
        var ended = AllometryProcess.Run(folder.Path, "bench", "micro", "--threads", "1", "--rounds", "1", "--json",
            "--vocabulary", Data("vocabulary/t5/spiece.model"), "--text", Data("smoke/text.jsonl"));

        Assert.Equal(0, ended.Code);
        var row = Assert.Single(JsonNode.Parse(ended.Output)!.AsArray())!;
        Assert.Equal(("micro", 1), ((string)row["shape"]!, (int)row["threads"]!));
        double Number(string name) => (double)row[name]!;
        // What no machine can do: products faster than 5 TFLOP/s a thread; and a step is its three parts and little more (one round has one step: medians of parts need not be of the same).
        Assert.InRange(Number("limitMs"), 9.8e9 / 5e12 * 1e3, double.MaxValue);
        var parts = row["ours"]!;
        Assert.InRange((double)parts["forwardMs"]! + (double)parts["backwardMs"]! + (double)parts["updateMs"]!, 0.7 * Number("oursMs"), 1.3 * Number("oursMs"));
        Assert.Equal(Number("gapClosed"), (Number("twinOverOurs") - 1) / (Number("twinOverOurs") - Number("limitOverOurs")), 1e-9);
        Assert.InRange(Number("oursPeakMiB"), 100, Number("twinPeakMiB"));
        Assert.InRange(Number("oursWorkingMiB"), 1, 0.67 * Number("twinWorkingMiB"));
        Assert.Equal(Number("oursWorkingMiB") / Number("twinWorkingMiB"), Number("workingOverTwin"), 1e-9);
        var experts = row["experts"]!;
        Assert.Equal((double)experts["ms"]! / (double)experts["denseMs"]!, (double)experts["overDense"]!, 1e-9);
        // 32 tokens one by one: anew, each needs the decoder for 16.5 on average. Others may be using the machine: the best of a few.
        Assert.Contains(Enumerable.Range(0, 5), round => (round == 0 ? (double)row["decoding"]!["gain"]! : Gain()) is > 1.2 and < 33);
        Assert.InRange(Number("encodingMBPerSecond"), 0.05, 10_000);
    }

    /// <summary>At tiny at most half is asked for; what is loaded before there is a model counts for both here.</summary>
    [Fact]
    public void Beside_weights_gradients_and_optimiser_state_a_step_takes_at_most_half_of_what_the_twin_takes()
    {
        double Above(string what)
        {
            var ended = AllometryProcess.Run(folder.Path, "bench", "tiny", "--threads", "1", "--only", what);
            ended.HasEndedWith(0);
            var peak = JsonNode.Parse(ended.Output)!;
            Assert.Equal(4 * 4 * 15_570_688.0, (double)peak["state"]!); // weights, gradients and AdamW's two numbers of each, float32
            return (double)peak["bytes"]! - (double)peak["state"]!;
        }
        Assert.InRange(Above("peak"), 1, 0.5 * Above("peak-plain"));
    }

    /// <summary>That of decoding alone, measured once more.</summary>
    private double Gain()
    {
        var ended = AllometryProcess.Run(folder.Path, "bench", "micro", "--threads", "1", "--rounds", "3", "--only", "decoding", "--json");
        Assert.Equal(0, ended.Code);
        return (double)JsonNode.Parse(ended.Output)!["gain"]!;
    }

    [Fact]
    public void Where_there_is_no_text_its_encoding_is_not_timed_and_that_is_said()
    {
        var ended = AllometryProcess.Run(folder.Path, "bench", "micro", "--threads", "1", "--rounds", "1");

        Assert.Equal(0, ended.Code);
        Assert.Contains("--text", ended.Output);
        Assert.DoesNotContain("MB/s", ended.Output);
    }

    [Fact]
    public void An_encoder_is_timed_by_the_length_of_its_text_with_each_attention()
    {
        var ended = AllometryProcess.Run(folder.Path, "bench", "--lengths", "300", "--attention", "local", "transient-global", "--threads", "1", "--rounds", "1", "--json");

        Assert.Equal(0, ended.Code);
        var rows = JsonNode.Parse(ended.Output)!.AsArray().Select(row => row!).ToList();
        Assert.Equal(["local 300", "transient-global 300"], rows.Select(row => $"{row["attention"]} {row["length"]}"));
        Assert.All(rows, row => Assert.True((double)row["forward"]! > 0 && (double)row["backward"]! > 0 && (double)row["working"]! >= 0));
        Assert.InRange((double)rows[1]["counted"]!, (double)rows[0]["counted"]! + 1, double.MaxValue);
    }

    [Fact]
    public void Architectures_are_timed_beside_the_one_that_is_named_first()
    {
        const string Vanilla = "{ kind: decoder-only, feed-forward: { kind: dense, biased: true }, norm: { kind: layer, epsilon: 1e-6 } }";
        var ended = AllometryProcess.Run(folder.Path, "bench", "micro", "--architecture", Vanilla, "primer-ez", "--threads", "1", "--rounds", "1", "--json");

        Assert.Equal(0, ended.Code);
        var rows = JsonNode.Parse(ended.Output)!.AsArray().Select(row => row!).ToList();
        double[] Both(string name) => [.. rows.Select(row => (double)row[name]!)];
        Assert.Equal([$"micro {Vanilla}", "micro primer-ez"], rows.Select(row => $"{row["shape"]} {row["architecture"]}"));
        Assert.Equal([1, 1], new[] { Both("overFirst")[0], Both("flopsOverFirst")[0] });
        Assert.Equal(Both("ms")[1] / Both("ms")[0], Both("overFirst")[1], 1e-9); // of one round
        Assert.Equal(2 * 3 * 3 * 128, Both("parameters")[1] - Both("parameters")[0]); // three taps for each channel of queries, keys and values, in two layers
    }

    [Theory]
    [InlineData("local", "--lengths", "64", "--attention", "locl")]
    [InlineData("decoder-only", "micro", "--architecture", "decodr-only")]
    public void What_there_is_not_is_answered_with_what_there_is(string meant, params string[] asked)
    {
        var ended = AllometryProcess.Run(folder.Path, ["bench", .. asked]);

        Assert.Equal(1, ended.Code);
        Assert.Contains(meant, ended.Error);
    }

    private static string Data(string file) => Path.Combine(AllometryProcess.Repository, "data", file);

    [Fact]
    public void A_shape_that_is_not_timed_is_answered_with_those_that_are()
    {
        var ended = AllometryProcess.Run(folder.Path, "bench", "tinny");

        Assert.Equal(1, ended.Code);
        Assert.Contains("tiny", ended.Error);
        Assert.Empty(ended.Output);
    }
}
