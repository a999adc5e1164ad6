using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

/// <summary>Whatever ends a study early, what was done stays, and the same command goes on from there to the same numbers.</summary>
public sealed class SurvivalTests(UndisturbedRun undisturbed) : IDisposable
{
    private const int Kills = 5;

    private readonly Folder folder = new();

    private string Store => folder.At(".allometry", "smoke");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    public void Killed_at_random_moments_a_study_ends_as_an_undisturbed_one(int seed)
    {
        var random = new Random(seed);
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = Results.Attempts(Store);
            using var process = AllometryProcess.Start(folder.Path, "run", AllometryProcess.Recipe, "--checkpoint-every", "50ms");
            while (kill > 0 && !(Results.Attempts(Store) > before && Results.HasState(Store)) && !process.HasEndedWithin(TimeSpan.FromMilliseconds(20))) { } // all but the first in the midst of a run
            if (process.HasEndedWithin(TimeSpan.FromSeconds(random.NextDouble() / 2))) break;
            process.Kill(withWorkers: kill % 2 == 1);
            process.Wait();
            if (kill == 3) Lose(); // its workers went with it: none is saving
        }
        AllometryProcess.Run(folder.Path, "run", AllometryProcess.Recipe).HasEndedWith(0);
        Assert.Equal(undisturbed.Results, Results.Of(Store));
        Assert.True(Results.WentOn(Store) > 0, "no kill has hit a run in progress");
    }

    [Fact]
    public void Killed_at_random_moments_a_study_that_spares_decides_as_an_undisturbed_one()
    {
        var random = new Random(2);
        var recipe = folder.Recipe(
            ("learning-rate: 0.03", "learning-rate: 0.03\n    schedule: { kind: warmup-stable-decay, warmup: 5 }\n    horizons: { steps: 20 }"),
            ("seeds: [1]", "seeds: [1]\nstopping: { kind: successive-halving, rungs: [0.5] }"));
        AllometryProcess.Run(folder.Path, "run", recipe, "--store", folder.At("undisturbed")).HasEndedWith(0);
        for (var kill = 0; kill < 3; kill++)
        {
            using var process = AllometryProcess.Start(folder.Path, "run", recipe, "--checkpoint-every", "50ms");
            if (process.HasEndedWithin(TimeSpan.FromSeconds(1 + (4 * random.NextDouble())))) break;
            process.Kill(withWorkers: kill % 2 == 1);
            process.Wait();
        }
        AllometryProcess.Run(folder.Path, "run", recipe).HasEndedWith(0);
        Assert.Equal(Results.Of(folder.At("undisturbed")), Results.Of(Store));
        Assert.Equal(2, Results.Count(Store, "select count(distinct run) from attempts where state = 'Stopped' and reason like '%not among the 1 of 2 shapes%'")); // a trunk, and the run that would go on from it

        double ToDo(params string[] options) => JsonDocument.Parse(AllometryProcess.Run(folder.Path, ["plan", recipe, "--json", .. options]).Output).RootElement.GetProperty("totals").GetProperty("secondsToDo").GetDouble();
        Assert.Equal(0, ToDo()); // what is stopped is not to do
        Assert.True(ToDo("--naive") > 0);

        var status = AllometryProcess.Run(folder.Path, "status", Store, "--watch"); // nobody works on it: it shows once
        status.HasEndedWith(0);
        Assert.Contains("stopped", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_to_terminate_saves_exits_130_and_the_next_run_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        using (var process = AllometryProcess.Start(folder.Path, "run", AllometryProcess.Recipe))
        {
            process.Until(() => Results.Attempts(Store) > 1);
            process.Terminate();
            process.Wait().HasEndedWith(130);
        }
        AllometryProcess.Run(folder.Path, "run", AllometryProcess.Recipe).HasEndedWith(0);
        Assert.Equal(undisturbed.Results, Results.Of(Store));
    }

    [Fact]
    public void A_loss_that_is_no_number_fails_that_run_alone_and_keeps_its_last_good_checkpoint()
    {
        var recipe = folder.Recipe(("learning-rate: 0.03", "learning-rate: 1e30\n    optimizer: adamw"), ("steps: 60", "steps: 6"), ("steps: 20", "steps: 2"));
        var ended = AllometryProcess.Run(folder.Path, "run", recipe, "--checkpoint-every", "1ms", "--json");
        ended.HasEndedWith(2);
        var outcome = JsonDocument.Parse(ended.Output).RootElement;

        Assert.Contains("training diverged", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, Results.Count(Store, "select count(*) from attempts where state = 'Failed'"));
        Assert.Equal(2, Results.Count(Store, "select count(*) from attempts where state = 'Done'"));
        Assert.Equal(4, outcome.GetProperty("notDone").GetArrayLength());
        Assert.Contains("training diverged", File.ReadAllText(outcome.GetProperty("report").GetString()!), StringComparison.Ordinal);
        var kept = Directory.GetFiles(Store, "training.safetensors", SearchOption.AllDirectories);
        Assert.Equal(2, kept.Length);
        Assert.All(kept, state => Assert.All(Floats(Path.Combine(Path.GetDirectoryName(state)!, "model.safetensors")), value => Assert.True(float.IsFinite(value))));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("training.safetensors")]
    [InlineData("facts.json")]
    public void A_damaged_checkpoint_stops_its_run_alone_and_says_how_to_mend_it(string file)
    {
        Interrupted();
        var damaged = Directory.GetFiles(Store, file, SearchOption.AllDirectories).Single(path => path.Contains("state", StringComparison.Ordinal));
        using (var stream = File.OpenWrite(damaged)) stream.SetLength(stream.Length / 2);
        var ended = AllometryProcess.Run(folder.Path, "run", Short(), "--json");
        ended.HasEndedWith(2);
        Assert.Contains($"delete the folder {Path.GetRelativePath(folder.Path, Path.GetDirectoryName(damaged)!)}", ended.Error, StringComparison.Ordinal);
        Assert.Equal(4, JsonDocument.Parse(ended.Output).RootElement.GetProperty("done").GetInt32());

        Directory.Delete(Path.GetDirectoryName(damaged)!, recursive: true);
        AllometryProcess.Run(folder.Path, "run", Short()).HasEndedWith(0);
    }

    [Theory]
    [InlineData(160)]
    [InlineData(700)]
    [InlineData(1300)]
    public void A_full_disk_is_one_message_and_with_room_the_study_goes_on(int kibibytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root may mount a small disk");
        var disk = folder.At("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Mount(kibibytes, disk, ""), "no disk could be mounted here");
        try
        {
            var full = AllometryProcess.Run(disk, "run", Short(), "--json");
            full.HasEndedWith(2);
            Assert.Equal("", full.Output);
            Assert.Contains("the disk is full", full.Error, StringComparison.Ordinal);
            Assert.Single(full.Error.TrimEnd('\n').Split('\n'), line => line.Contains("disk", StringComparison.Ordinal));

            Assert.True(Mount(64 * 1024, disk, "remount,"));
            AllometryProcess.Run(disk, "run", Short(), "--json").HasEndedWith(0);
        }
        finally { Command("umount", "-l", disk); }
    }

    [Theory]
    [InlineData("count", "tiny")]
    [InlineData("count", "tinny")]
    public void Where_nobody_can_be_told_the_exit_code_still_says_it(string verb, string shape)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no /dev/full");
        var code = Command("sh", "-c", $"'{AllometryProcess.Executable}' {verb} {shape} > /dev/full 2> /dev/full");
        Assert.Equal(shape == "tiny" ? 2 : 1, code);
    }

    private static bool Mount(int kibibytes, string disk, string option) => Command("mount", "-t", "tmpfs", "-o", $"{option}size={kibibytes}k", "tmpfs", disk) == 0;

    private static int Command(string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>All checkpoints of runs in progress.</summary>
    private void Lose()
    {
        foreach (var state in Directory.GetDirectories(Store, "state", SearchOption.AllDirectories)) Directory.Delete(state, recursive: true);
    }

    private string Short() => folder.Recipe(("steps: 60", "steps: 200"), ("steps: 20", "steps: 2"));

    private void Interrupted()
    {
        using var process = AllometryProcess.Start(folder.Path, "run", Short(), "--jobs", "1", "--checkpoint-every", "1ms");
        process.Until(() => Results.HasState(Store));
        process.Terminate();
        process.Wait().HasEndedWith(130);
    }

    private static float[] Floats(string safetensors)
    {
        var bytes = File.ReadAllBytes(safetensors);
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes))).ToArray();
    }
}
