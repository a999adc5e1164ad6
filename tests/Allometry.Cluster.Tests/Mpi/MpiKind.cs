using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests.Mpi;

/// <summary>An MPI of this machine: what starts processes, and what they load.</summary>
public enum MpiKind
{
    /// <summary>Debian's openmpi-bin.</summary>
    OpenMpi,

    /// <summary>Debian's mpich, which talks over UCX.</summary>
    Mpich,
}

public static class MpiKinds
{
    /// <summary>Several copies of the executable, one of which may be another program; skips the test where this MPI is not installed.</summary>
    public static AllometryProcess Start(this MpiKind mpi, int ranks, string folder, params string[] arguments) => mpi.StartOther(AllometryProcess.Executable, ranks, folder, arguments);

    public static AllometryProcess StartOther(this MpiKind mpi, string program, int ranks, string folder, params string[] arguments)
    {
        var command = mpi == MpiKind.OpenMpi ? "mpirun.openmpi" : "mpirun.mpich";
        Assert.SkipWhen(!Surroundings.Has(command), $"there is no {command}: install {(mpi == MpiKind.OpenMpi ? "openmpi-bin" : "mpich")}");
        string[] options = mpi == MpiKind.OpenMpi ? ["--oversubscribe", "--bind-to", "none", .. Environment.UserName == "root" ? (string[])["--allow-run-as-root"] : []] : [];
        return AllometryProcess.StartOther(command, folder, ["-np", $"{ranks}", .. options, program, .. arguments]);
    }

    public static Ended Run(this MpiKind mpi, int ranks, string folder, params string[] arguments)
    {
        using var job = mpi.Start(ranks, folder, arguments);
        return job.Wait();
    }

    /// <summary>The process of a rank, of those that work in a folder; null where there is none (yet, or any more).</summary>
    public static int? ProcessOf(int rank, string folder) => Directory.EnumerateDirectories("/proc").Select(process => Path.GetFileName(process)).Where(name => name.All(char.IsDigit))
        .Where(process => Text(process, "comm") == "allometry\n" && Text(process, "cmdline").Contains(folder, StringComparison.Ordinal)
            && Text(process, "environ").Split('\0').Any(variable => variable == $"OMPI_COMM_WORLD_RANK={rank}" || variable == $"PMI_RANK={rank}"))
        .Select(process => (int?)int.Parse(process, System.Globalization.CultureInfo.InvariantCulture)).SingleOrDefault();

    private static string Text(string process, string file)
    {
        try { return File.ReadAllText(Path.Combine("/proc", process, file)); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { return ""; } // it has ended
    }
}
