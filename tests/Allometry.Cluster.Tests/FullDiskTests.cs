using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>A study whose folder lies on a disk of its own, as small as a test wants it.</summary>
[Collection("one cluster at a time")]
public sealed class FullDiskTests : IClassFixture<LoopbackCluster>
{
    private readonly LoopbackCluster cluster;

    public FullDiskTests(LoopbackCluster cluster)
    {
        Surroundings.Require(Surroundings.LackForSlurm);
        this.cluster = cluster;
    }

    [Fact]
    public void A_disk_that_fills_up_in_mid_training_is_told_and_what_was_done_is_gone_on_from_when_there_is_room()
    {
        using var study = new Study(changes: Study.Pair);
        Directory.CreateDirectory(study.Store);
        Mount("-t", "tmpfs", "-o", "size=64m", "allometry-test", study.Store);
        try
        {
            Ended ended;
            using (var process = study.Start("--checkpoint-every", "300ms"))
            {
                process.Until(() => study.States() == 1);
                var worker = study.Workers().Single();
                Signals.Send(worker, Signals.Stop); // or it might be done before the disk is full
                Fill(Path.Combine(study.Store, "filler"));
                Signals.Send(worker, Signals.Continue);
                ended = process.Wait();
            }
            ended.HasEndedWith(2);
            Assert.Contains("the disk is full; make room", ended.Error, StringComparison.Ordinal);
            File.Delete(Path.Combine(study.Store, "filler"));
            study.Run().HasEndedWith(0);

            Assert.Equal(LocalStudies.Results(Study.Pair), study.Results);
            Assert.Equal(1, Results.WentOn(study.Store));
        }
        finally { cluster.Script!.Run("umount", ["--lazy", study.Store], mayFail: true); }
    }

    private void Mount(params string[] arguments) => cluster.Script!.Run("mount", arguments);

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
