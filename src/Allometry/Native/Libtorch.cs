using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Allometry.Kinds;
using TorchSharp;

namespace Allometry.Native;

/// <summary>
/// Makes libtorch load with nothing to install and nothing to set. TorchSharp's libLibTorchSharp.so is built against GCC 15's libstdc++ and so is refused by
/// Debian 12, Ubuntu 22.04 and RHEL 9, of whose libstdc++ it needs nothing new. Where the shipped file loads it is used untouched; where it does not,
/// a copy is loaded whose version requirements are rewritten. Nothing is loaded before the first use of a tensor.
/// </summary>
public static partial class Libtorch
{
    private const string Bridge = "LibTorchSharp", BridgeFile = "libLibTorchSharp.so";
    private static readonly Lock gate = new();
    private static bool prepared, loaded;
    private static nint library, bridge;

    /// <summary>How TorchSharp's native library was found: "as shipped", or "rewritten" when its version requirements had to be.</summary>
    public static string Origin { get; private set; } = "as shipped";

    /// <summary>Hooks itself into the loader, sets OpenMP's environment and chooses the product path; called by the module initialiser. Loads nothing of libtorch.</summary>
    public static void Prepare()
    {
        lock (gate)
        {
            if (prepared || !OperatingSystem.IsLinux()) return;
            prepared = true;
        }
        LimitSpinning();
        ProductPath.Choose();
        // Raised only when every default place has been tried in vain.
        var context = AssemblyLoadContext.GetLoadContext(typeof(Libtorch).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (_, name) => name == Bridge ? LoadBridge() : 0;
        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, assembly, path) =>
            name == Bridge && NativeLibrary.TryLoad(Bridge, assembly, path, out var handle) ? HeldScalars.Before(handle, BridgeFile) : 0);
    }

    /// <summary>
    /// Loads libtorch now. Everything that builds modules calls it, so that a missing library is one clear <see cref="RunFailedException"/>
    /// and TorchSharp's own recovery (copying half a gigabyte beside the executable) never starts.
    /// </summary>
    public static void EnsureLoaded()
    {
        if (loaded) return;
        Prepare();
        try
        {
            Load();
        }
        catch (Exception cause) when (cause is DllNotFoundException or BadImageFormatException or IOException)
        {
            throw new RunFailedException("libtorch", $"does not load: {Reason(cause)}", $"reference the package {Package()} in the project that is started", cause);
        }
        FreedBlocks.Keep();
        ProductPath.Verify();
        loaded = true;
    }

    /// <summary>What is missing to compute on a GPU; null: nothing. TorchSharp would be asked differently, and look for packages on the disk.</summary>
    internal static unsafe string? LackForCuda()
    {
        EnsureLoaded();
        if (!NativeLibrary.TryLoad("torch_cuda", typeof(torch).Assembly, null, out _)) return "this program carries libtorch for the processor alone";
        var available = (delegate* unmanaged<byte>)Function("THSTorchCuda_is_available");
        return available != null && available() != 0 ? null : "libtorch finds no GPU that it can use";
    }

    /// <summary>The address of a function of libtorch, of what it is linked with (MKL, OpenMP) or of TorchSharp's bridge; 0 where there is none of that name.</summary>
    internal static nint Function(string name)
    {
        EnsureLoaded();
        return NativeLibrary.TryGetExport(library, name, out var address) || NativeLibrary.TryGetExport(bridge, name, out address) ? address : 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Load()
    {
        library = NativeLibrary.Load("torch_cpu", typeof(torch).Assembly, null);
        bridge = NativeLibrary.Load(Bridge, typeof(torch).Assembly, null);
    }

    private static nint LoadBridge()
    {
        if (Find(BridgeFile) is not { } shipped || Find("libtorch.so") is not { } torch) return 0;
        NativeLibrary.Load(torch);                                          // by its full path: its name then satisfies the bridge wherever that lies
        if (NativeLibrary.TryLoad(shipped, out var handle)) return handle;
        var image = File.ReadAllBytes(shipped);
        if (!Rewrite(image)) return 0;
        Origin = "rewritten";
        return NativeImage.Load(BridgeFile, image);
    }

    /// <summary>
    /// 3.4.32 names only std::ios_base_library_init, to which the file has no relocation; 3.4.30 names std::condition_variable::wait,
    /// which every later libstdc++ keeps under its old version 3.4.11 too.
    /// </summary>
    private static bool Rewrite(byte[] image)
    {
        var versions = new ElfVersions(image);
        return versions.Replace("GLIBCXX_3.4.32", "GLIBCXX_3.4.21") | versions.Replace("GLIBCXX_3.4.30", "GLIBCXX_3.4.11");
    }

    private static string? Find(string file) => Folders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Folders() =>
    [
        .. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        AppContext.BaseDirectory,
        Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"),
    ];

    // The loader's message lists every place it tried; what matters is the file that was there and was refused.
    private static string Reason(Exception cause) =>
        cause.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1).FirstOrDefault(line => !line.EndsWith("No such file or directory", StringComparison.Ordinal))
        ?? $"it is not among the files of the program in {AppContext.BaseDirectory}";

    private static string Package() =>
        OperatingSystem.IsWindows() ? "libtorch-cpu-win-x64" : OperatingSystem.IsMacOS() ? "libtorch-cpu-osx-arm64" : "libtorch-cpu-linux-x64";

    /// <summary>
    /// libtorch's OpenMP spins at every barrier, which makes a step ten times slower when another process wants the core (docs/measured/loading.md).
    /// libgomp reads the native environment when it is loaded; Environment.SetEnvironmentVariable would not reach it.
    /// </summary>
    private static void LimitSpinning()
    {
        if (Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is null && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = SetEnvironment("GOMP_SPINCOUNT", "10000", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
