using System.Runtime.InteropServices;

namespace Allometry.Ranks;

/// <summary>
/// The functions of MPI that are used (mpi-forum.org, MPI 3.1). Handles are as wide as an address with Open MPI and as an int with MPICH; both fit a nint. Errors end the job, as is MPI's default: no code is ever returned.
/// </summary>
internal static unsafe partial class Mpi
{
    /// <summary>Calls come from any thread, one at a time.</summary>
    public const int Serialized = 2;

    private const string Library = MpiLibrary.Name;

    [LibraryImport(Library, EntryPoint = "MPI_Init_thread")]
    public static partial int Init(nint argc, nint argv, int required, int* provided);

    [LibraryImport(Library, EntryPoint = "MPI_Finalize")]
    public static partial int Leave();

    [LibraryImport(Library, EntryPoint = "MPI_Comm_rank")]
    public static partial int Rank(nint among, int* rank);

    [LibraryImport(Library, EntryPoint = "MPI_Comm_size")]
    public static partial int Size(nint among, int* size);

    [LibraryImport(Library, EntryPoint = "MPI_Comm_dup")]
    public static partial int Copy(nint among, nint* copy);

    [LibraryImport(Library, EntryPoint = "MPI_Allreduce")]
    public static partial int Reduce(nint send, void* receive, int count, nint type, nint operation, nint among);

    [LibraryImport(Library, EntryPoint = "MPI_Iallreduce")]
    public static partial int BeginReduce(nint send, void* receive, int count, nint type, nint operation, nint among, nint* request);

    [LibraryImport(Library, EntryPoint = "MPI_Alltoall")]
    public static partial int Exchange(void* send, int sent, nint sentType, void* receive, int received, nint receivedType, nint among);

    [LibraryImport(Library, EntryPoint = "MPI_Alltoallv")]
    public static partial int ExchangeUneven(void* send, int* sent, int* sentFrom, nint sentType, void* receive, int* received, int* receivedAt, nint receivedType, nint among);

    [LibraryImport(Library, EntryPoint = "MPI_Ibcast")]
    public static partial int BeginTelling(void* values, int count, nint type, int root, nint among, nint* request);

    [LibraryImport(Library, EntryPoint = "MPI_Test")]
    public static partial int Test(nint* request, int* done, nint status);

    [LibraryImport(Library, EntryPoint = "MPI_Wait")]
    public static partial int Wait(nint* request, nint status);
}
