using System.Runtime.CompilerServices;

/// <summary>
/// Prepares libtorch when an assembly is first used. Compiled into the library and (Directory.Build.targets) into every project of this repository that runs models,
/// so that one which touches TorchSharp before Allometry is served too. Others call <c>Libtorch.Prepare()</c> first.
/// </summary>
file static class Start
{
#pragma warning disable CA2255 // The library is the one place that knows how its native part is found.
    [ModuleInitializer]
    internal static void Prepare() => Allometry.Native.Libtorch.Prepare();
#pragma warning restore CA2255
}
