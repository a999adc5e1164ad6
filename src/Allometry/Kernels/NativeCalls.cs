using Allometry.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// The functions that hand-written kernels call: MKL's products, which libtorch exports, OpenMP's team, on which libtorch itself runs, and the address of a tensor's first element.
/// Where one is missing (libtorch built without MKL, another system) there are no kernels and everything runs on library operations.
/// </summary>
internal static unsafe class NativeCalls
{
    /// <summary>C = alpha A B + beta C by columns, as in Fortran: transposes, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc.</summary>
    public static readonly delegate* unmanaged<byte*, byte*, int*, int*, int*, float*, float*, int*, float*, int*, float*, float*, int*, void> Sgemm;

    /// <summary>Bytes of a packed matrix: identifier, m, n, k.</summary>
    public static readonly delegate* unmanaged<int, int, int, int, nuint> PackSize;

    /// <summary>Packs one operand: layout, identifier, transpose, m, n, k, alpha, source, ld, target.</summary>
    public static readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, void> Pack;

    /// <summary>Multiplies with packed operands: layout, transposes (or packed), m, n, k, A, lda, B, ldb, beta, C, ldc.</summary>
    public static readonly delegate* unmanaged<int, int, int, int, int, int, float*, int, float*, int, float, float*, int, void> Compute;

    /// <summary>C = alpha A B + beta C with A and B in bfloat16: layout, transposes, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc. Null where this MKL has none.</summary>
    public static readonly delegate* unmanaged<int, int, int, int, int, int, float, ushort*, int, ushort*, int, float, float*, int, void> Bgemm;

    /// <summary>Runs a function on all threads of a team: function, argument, threads, flags.</summary>
    public static readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> Parallel;

    public static readonly delegate* unmanaged[SuppressGCTransition]<int> ThreadNumber;

    /// <summary>Threads of the region in which it is called: fewer than were asked for where the environment limits them or another region is around it.</summary>
    public static readonly delegate* unmanaged[SuppressGCTransition]<int> ThreadCount;

    private static readonly delegate* unmanaged[SuppressGCTransition]<nint, nint> data;

    static NativeCalls()
    {
        Sgemm = (delegate* unmanaged<byte*, byte*, int*, int*, int*, float*, float*, int*, float*, int*, float*, float*, int*, void>)Libtorch.Function("sgemm_");
        PackSize = (delegate* unmanaged<int, int, int, int, nuint>)Libtorch.Function("cblas_sgemm_pack_get_size");
        Pack = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, void>)Libtorch.Function("cblas_sgemm_pack");
        Compute = (delegate* unmanaged<int, int, int, int, int, int, float*, int, float*, int, float, float*, int, void>)Libtorch.Function("cblas_sgemm_compute");
        Bgemm = (delegate* unmanaged<int, int, int, int, int, int, float, ushort*, int, ushort*, int, float, float*, int, void>)Libtorch.Function("cblas_gemm_bf16bf16f32");
        Parallel = (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)Libtorch.Function("GOMP_parallel");
        ThreadNumber = (delegate* unmanaged[SuppressGCTransition]<int>)Libtorch.Function("omp_get_thread_num");
        ThreadCount = (delegate* unmanaged[SuppressGCTransition]<int>)Libtorch.Function("omp_get_num_threads");
        data = (delegate* unmanaged[SuppressGCTransition]<nint, nint>)Libtorch.Function("THSTensor_data");
        AreThere = Sgemm != null && PackSize != null && Pack != null && Compute != null && Parallel != null && ThreadNumber != null && ThreadCount != null && data != null;
    }

    /// <summary>Whether this libtorch has all that kernels need.</summary>
    public static bool AreThere { get; }

    /// <summary>Whether a kernel may read and write a tensor's memory: dense float32 in main memory, and something at all.</summary>
    public static bool Reaches(Tensor tensor) => tensor.dtype == ScalarType.Float32 && tensor.device_type == DeviceType.CPU && tensor.numel() > 0 && tensor.is_contiguous();

    /// <summary>The tensor's first element; valid as long as the tensor lives.</summary>
    public static float* Floats(Tensor tensor) => (float*)data(tensor.Handle);

    /// <summary>The same, or null where there is no tensor.</summary>
    public static float* FloatsOf(Tensor? tensor) => tensor is null ? null : Floats(tensor);

    /// <summary>The same of one in bfloat16.</summary>
    public static ushort* Halves(Tensor tensor) => (ushort*)data(tensor.Handle);

    public static long* Longs(Tensor tensor) => (long*)data(tensor.Handle);

    public static byte* Bytes(Tensor tensor) => (byte*)data(tensor.Handle);
}
