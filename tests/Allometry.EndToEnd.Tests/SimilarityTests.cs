using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

public sealed class SimilarityTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    // robustness.md, section 6: the case by hand.
    [Fact]
    public void Two_matrices_have_cka_unbiased_cka_and_stir_in_both_directions()
    {
        File.WriteAllText(folder.At("x.csv"), "0,0\n1,0\n0,2\n3,1\n2,2\n");
        File.WriteAllText(folder.At("y.tsv"), "1\n2\n0\n5\n3\n");
        var answer = Json("x.csv", "y.tsv", "--stir");
        Assert.Equal(5, answer.GetProperty("examples").GetInt32());
        Assert.Equal(0.8096320092, answer.GetProperty("cka").GetDouble(), 1e-9);
        Assert.Equal(0.7522460541, answer.GetProperty("unbiased").GetDouble(), 1e-9);
        var stir = answer.GetProperty("layers")[0].GetProperty("stir");
        Assert.Equal((0.3484555985, 0.5320339708), (Math.Round(stir.GetProperty("secondGivenFirst").GetDouble(), 10), Math.Round(stir.GetProperty("firstGivenSecond").GetDouble(), 10)));
    }

    [Fact]
    public void Traces_of_two_families_are_compared_layer_by_layer()
    {
        foreach (var family in (string[])["bert", "gpt2"])
        {
            var golden = Path.Combine(AllometryProcess.Repository, "tests", "goldens", "hf", family);
            AllometryProcess.Run(folder.Path, ["trace", golden, "--inputs", Path.Combine(golden, "io.safetensors"), "--output", $"{family}.safetensors"]).HasEndedWith(0);
        }
        var inputs = Path.Combine(AllometryProcess.Repository, "tests", "goldens", "hf", "gpt2", "io.safetensors");
        var itself = Json("gpt2.safetensors", "gpt2.safetensors", "--pool", "tokens", "--mask", inputs);
        Assert.Equal((25, 4), (itself.GetProperty("examples").GetInt32(), itself.GetProperty("layers").GetArrayLength())); // 25 real tokens
        Assert.All(itself.GetProperty("layers").EnumerateArray(), layer => Assert.Equal(1, layer.GetProperty("cka").GetDouble(), 1e-9));
        var other = Json("bert.safetensors", "gpt2.safetensors", "--pool", "tokens", "--mask", inputs);
        Assert.All(other.GetProperty("grid").GetProperty("cka").EnumerateArray(), row => Assert.All(row.EnumerateArray(), cell => Assert.InRange(cell.GetDouble(), 0, 0.95)));
    }

    [Fact]
    public void Unequal_numbers_of_examples_and_a_file_that_is_none_are_told()
    {
        File.WriteAllText(folder.At("x.csv"), "0,0\n1,0\n");
        File.WriteAllText(folder.At("y.csv"), "1\n2\n0\n");
        var ended = AllometryProcess.Run(folder.Path, ["similarity", "x.csv", "y.csv", "--json"]);
        ended.HasEndedWith(1);
        Assert.Contains("2 examples are compared with 3", ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Output);
        AllometryProcess.Run(folder.Path, ["similarity", "x.csv", "nowhere.npy"]).HasEndedWith(1);
    }

    private JsonElement Json(params string[] arguments)
    {
        var ended = AllometryProcess.Run(folder.Path, ["similarity", .. arguments, "--json"]);
        ended.HasEndedWith(0);
        return JsonDocument.Parse(ended.Output).RootElement;
    }
}
