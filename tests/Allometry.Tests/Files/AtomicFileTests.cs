using System.Diagnostics;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("allometry-atomic-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string name) => Path.Combine(folder, name);

    [Fact]
    public void A_written_text_is_utf8_without_mark_and_the_only_file_there()
    {
        AtomicFile.WriteText(At("deep/er/a.txt"), "é");

        Assert.Equal([0xC3, 0xA9], File.ReadAllBytes(At("deep/er/a.txt")));
        Assert.Single(Directory.GetFileSystemEntries(At("deep/er")));
    }

    [Fact]
    public void A_failure_while_writing_keeps_the_old_file_and_leaves_no_trace()
    {
        AtomicFile.WriteText(At("a.txt"), "old");

        var e = Assert.Throws<RunFailedException>(() => AtomicFile.Write(At("a.txt"), stream =>
        {
            stream.Write("new and"u8);
            throw new InvalidDataException("half");
        }));

        Assert.Contains("half", e.Message);
        Assert.Equal("old", File.ReadAllText(At("a.txt")));
        Assert.Single(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_full_disk_is_told_as_such()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full, which is always full");

        var e = Assert.Throws<RunFailedException>(() => AtomicFile.Write(At("a.txt"), _ =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
            full.Write(new byte[1 << 20]);
        }));

        Assert.Equal($"{At("a.txt")}: could not be written: the disk is full; make room and run the same command again", e.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Theory]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(InputException))]
    public void A_cancellation_or_a_wrong_input_stays_what_it_is(Type kind)
    {
        Exception thrown = kind == typeof(InputException) ? new InputException("a", "b", "c") : new OperationCanceledException();

        Assert.Same(thrown, Assert.ThrowsAny<Exception>(() => AtomicFile.Write(At("a.txt"), _ => throw thrown)));
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_folder_is_replaced_whole()
    {
        AtomicFile.WriteFolder(At("checkpoint"), inside => File.WriteAllText(Path.Combine(inside, "one"), "1"));
        AtomicFile.WriteFolder(At("checkpoint/"), inside =>
        {
            Directory.CreateDirectory(Path.Combine(inside, "state"));
            File.WriteAllText(Path.Combine(inside, "state", "two"), "2");
        });

        Assert.Equal([At("checkpoint")], Directory.GetFileSystemEntries(folder));
        Assert.Equal([At("checkpoint/state")], Directory.GetFileSystemEntries(At("checkpoint")));
        Assert.Equal("2", File.ReadAllText(At("checkpoint/state/two")));
    }

    [Fact]
    public void A_failure_while_filling_a_folder_keeps_the_old_one()
    {
        AtomicFile.WriteFolder(At("checkpoint"), inside => File.WriteAllText(Path.Combine(inside, "one"), "1"));

        Assert.Throws<RunFailedException>(() => AtomicFile.WriteFolder(At("checkpoint"), inside =>
        {
            File.WriteAllText(Path.Combine(inside, "two"), "2");
            throw new IOException("no");
        }));

        Assert.Equal([At("checkpoint")], Directory.GetFileSystemEntries(folder));
        Assert.Equal([At("checkpoint/one")], Directory.GetFileSystemEntries(At("checkpoint")));
    }

    [Fact]
    public void A_path_that_cannot_be_a_file_is_a_clear_failure()
    {
        AtomicFile.WriteText(At("a.txt"), "x");

        var e = Assert.Throws<RunFailedException>(() => AtomicFile.WriteText(At("a.txt/b.txt"), "y"));

        Assert.Equal(At("a.txt/b.txt"), e.Problems.Single().Where);
    }

    [Fact]
    public void Sweeping_removes_what_dead_processes_left_and_nothing_else()
    {
        var (dead, alive) = (DeadProcess(), Environment.ProcessId);
        var machine = Environment.MachineName.Replace('.', '-');
        string Left(int process, string unique, string ending = "partial") => At($"model.bin.{machine}.{process}.{unique}.allometry-{ending}");
        File.WriteAllText(Left(dead, "a"), "");
        Directory.CreateDirectory(Left(dead, "b"));
        File.WriteAllText(Path.Combine(Left(dead, "b"), "inside"), "");
        File.WriteAllText(Left(alive, "c"), "");
        File.WriteAllText(At($"model.bin.elsewhere.{dead}.d.allometry-partial"), "");
        File.WriteAllText(At($"model.bin.elsewhere.{dead}.e.allometry-partial"), "");
        File.SetLastWriteTimeUtc(At($"model.bin.elsewhere.{dead}.e.allometry-partial"), DateTime.UtcNow.AddDays(-2));
        Directory.CreateDirectory(Left(dead, "f", "replaced"));
        File.WriteAllText(At("model.txt"), "");

        AtomicFile.Sweep(folder);
        AtomicFile.Sweep(At("absent"));

        string[] kept = [At("model.bin"), At("model.txt"), Left(alive, "c"), At($"model.bin.elsewhere.{dead}.d.allometry-partial")];
        Assert.Equal(kept.Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal));
    }

    private static int DeadProcess()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.Id;
    }
}
