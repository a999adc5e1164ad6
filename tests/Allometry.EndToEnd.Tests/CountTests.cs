using System.Diagnostics;
using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

public sealed class CountTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("tiny", 15_570_688)]
    [InlineData("mini", 31_220_480)]
    [InlineData("small", 60_506_624)]
    [InlineData("base", 222_903_552)]
    [InlineData("large", 737_668_096)]
    [InlineData("xl", 2_851_598_336)]
    [InlineData("xxl", 11_307_321_344)]
    public void The_released_sizes_have_their_published_parameters(string shape, long parameters)
    {
        var document = Count(shape, "--json");
        Assert.Equal(parameters, document.GetProperty("parameters").GetProperty("total").GetInt64());
    }

    [Fact]
    public void A_training_step_costs_what_the_contract_works_out()
    {
        const string Micro = "{ model-width: 128, feed-forward-width: 512, head-width: 32, heads: 4, encoder-layers: 2, decoder-layers: 2, vocabulary: 4096 }";
        var document = Count(Micro, "--lengths", "128x32", "--batch", "16", "--json");
        Assert.Equal(9.71e9, document.GetProperty("flops").GetProperty("trainingStep").GetDouble(), 0.005e9);
    }

    [Fact]
    public void The_document_has_the_members_of_the_contract()
    {
        var document = Count("tiny", "--json");
        string[] Members(string name) => [.. document.GetProperty(name).EnumerateObject().Select(member => member.Name)];

        Assert.Equal(["name", "parameters", "flops", "bytes", "shape"], document.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["total", "embedding", "nonEmbedding", "active"], Members("parameters"));
        Assert.Equal(["forward", "trainingStep", "decodeToken"], Members("flops"));
        Assert.Equal(["weights", "optimizer", "activations"], Members("bytes"));
    }

    [Fact]
    public void The_shapes_of_a_recipe_are_counted_with_its_vocabulary()
    {
        var document = Count(AllometryProcess.Recipe, "--json");
        Assert.Equal(["wide", "deep"], document.EnumerateArray().Select(shape => shape.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("count", "xxl", "--tree")]
    [InlineData("plan", null)]
    [InlineData("catalogue", null)]
    public void Counting_planning_and_naming_open_no_native_library_of_torch(string verb, string? argument, string? option = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/strace"), "it takes strace to see which files are opened");
        var executable = Path.Combine(AllometryProcess.Repository, "artifacts", "bin", "Allometry.Cli", "debug", "allometry");
        var log = folder.At("opened");
        string?[] arguments = ["-f", "-e", "trace=openat", "-o", log, executable, verb, argument ?? (verb == "plan" ? AllometryProcess.Recipe : null), option];
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/strace", arguments.OfType<string>()) { WorkingDirectory = folder.Path, RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        Assert.DoesNotContain(File.ReadLines(log), line => line.Contains("libtorch", StringComparison.Ordinal) || line.Contains("LibTorchSharp", StringComparison.Ordinal));
    }

    private JsonElement Count(params string[] arguments)
    {
        var ended = AllometryProcess.Run(folder.Path, ["count", .. arguments]);
        Assert.True(ended.Code == 0, ended.Error);
        return JsonDocument.Parse(ended.Output).RootElement;
    }
}
