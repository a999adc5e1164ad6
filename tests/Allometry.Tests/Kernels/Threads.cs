using Allometry.Native;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>So many threads of libtorch until it is disposed.</summary>
internal sealed class Threads : IDisposable
{
    private readonly int before;

    public Threads(int count)
    {
        Libtorch.EnsureLoaded();
        before = get_num_threads();
        set_num_threads(count);
    }

    public void Dispose() => set_num_threads(before);
}
