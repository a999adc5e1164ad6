using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>A study whose folder lies on a disk of its own, as small as a test wants it.</summary>
[Collection(OnLoopback.Name)]
public sealed class FullDiskTests(LoopbackCluster cluster)
{
    private readonly Script slurm = cluster.Use();

    [Fact]
    public void A_disk_that_fills_up_in_mid_training_is_told_and_what_was_done_is_gone_on_from_when_there_is_room()
    {
        using var study = new Study(slurm, changes: Study.Pretraining);
        Directory.CreateDirectory(study.Store);
        Mount("-t", "tmpfs", "-o", "size=64m", "allometry-test", study.Store);
        try
        {
            Ended ended;
            using (var process = study.Start("--checkpoint-every", "300ms"))
            {
                var worker = study.HoldAtCheckpoint(process);
                Fill(Path.Combine(study.Store, "filler"));
                Signals.Send(worker, Signals.Continue);
                ended = process.Wait();
            }
            ended.HasEndedWith(2);
            Assert.Contains("the disk is full; make room", ended.Error, StringComparison.Ordinal);
            Assert.True(SpinWait.SpinUntil(() => !study.Workers().Any(), TimeSpan.FromMinutes(1))); // the coordinator may have found no room first
            File.Delete(Path.Combine(study.Store, "filler"));
            study.Run().HasEndedWith(0);

            Assert.Equal(LocalStudies.Results(Study.Pretraining), study.Results);
            Assert.Equal(1, Results.WentOn(study.Store));
        }
        finally { slurm.Run("umount", ["--lazy", study.Store], mayFail: true); }
    }

    private void Mount(params string[] arguments) => slurm.Run("mount", arguments);

    /// <summary>Writes until there is no room for another byte.</summary>
    private static void Fill(string file)
    {
        var block = new byte[4096];
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) stream.Write(block);
        }
        catch (IOException) { }
    }
}
