using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Allometry.Kinds;

namespace Allometry.Ranks;

/// <summary>
/// The MPI library of this machine, found when it is first needed. Open MPI's handles are the addresses of exported globals, those of MPICH and its family (Intel MPI, MVAPICH) the numbers of its mpi.h.
/// </summary>
internal sealed partial record MpiLibrary(string File, nint World, nint Float, nint Double, nint Int, nint Byte, nint Sum, nint InPlace, nint StatusIgnore)
{
    /// <summary>What <see cref="Mpi"/>'s functions are imported from.</summary>
    internal const string Name = "allometry-mpi";

    private const string Chosen = "ALLOMETRY_MPI", SignalsOfUcx = "UCX_ERROR_SIGNALS";

    // Set by mpirun of Open MPI and by srun --mpi=pmix; by Hydra, which starts MPICH and its family, and by srun --mpi=pmi2.
    private static readonly string[] ByPmix = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"], ByPmi = ["PMI_RANK", "PMI_SIZE"];

    private static readonly string[] OfOpenMpi = ["libmpi.so.40"], OfMpich = ["libmpich.so.12", "libmpi.so.12"], Any = ["libmpi.so"];

    private static readonly Lazy<MpiLibrary> library = new(Load);

    public static MpiLibrary This => library.Value;

    /// <summary>Whether this process was started as one of several.</summary>
    public static bool IsStarted => Has(ByPmix) || Has(ByPmi);

    // Where both are installed, the one that belongs to what has started this process.
    private static IEnumerable<string> Names => Has(ByPmi) && !Has(ByPmix) ? [.. OfMpich, .. OfOpenMpi, .. Any] : [.. OfOpenMpi, .. OfMpich, .. Any];

    private static bool Has(string[] variables) => variables.Any(name => Environment.GetEnvironmentVariable(name) is not null);

    private static MpiLibrary Load()
    {
        // UCX would take SIGSEGV from the runtime, which turns a NullReferenceException into the end of the process. It reads the native environment, which Environment.SetEnvironmentVariable does not reach.
        _ = SetEnvironment(SignalsOfUcx, "", overwrite: 0);
        List<string> names = Environment.GetEnvironmentVariable(Chosen) is { Length: > 0 } chosen ? [chosen] : [.. Names];
        var (file, handle) = names.Select(name => (name, NativeLibrary.TryLoad(name, out var loaded) ? loaded : 0)).FirstOrDefault(one => one.Item2 != 0);
        if (handle == 0)
            throw new RunFailedException("MPI", $"none of {string.Join(", ", names)} loads", $"install Open MPI (Debian: openmpi-bin) or MPICH (mpich), or name the library in {Chosen}; on a cluster load its module first");
        var context = AssemblyLoadContext.GetLoadContext(typeof(MpiLibrary).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (_, name) => name == Name ? handle : 0;
        return NativeLibrary.TryGetExport(handle, "ompi_mpi_comm_world", out _) ? OpenMpi(file, handle) : Mpich(file);
    }

    private static MpiLibrary OpenMpi(string file, nint handle)
    {
        nint Global(string name) => NativeLibrary.GetExport(handle, name);
        return new(file, Global("ompi_mpi_comm_world"), Global("ompi_mpi_float"), Global("ompi_mpi_double"), Global("ompi_mpi_int"), Global("ompi_mpi_byte"), Global("ompi_mpi_op_sum"), InPlace: 1, StatusIgnore: 0);
    }

    private static MpiLibrary Mpich(string file) =>
        new(file, World: 0x44000000, Float: 0x4c00040a, Double: 0x4c00080b, Int: 0x4c000405, Byte: 0x4c00010d, Sum: 0x58000003, InPlace: -1, StatusIgnore: 1);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
