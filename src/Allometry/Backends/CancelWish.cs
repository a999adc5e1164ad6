using Allometry.Files;

namespace Allometry.Backends;

/// <summary>The wish that a study stops, as a file in its store: whoever sees the folder can make it, and all that work on the study look for it.</summary>
public static class CancelWish
{
    public static bool IsMade(string store) => File.Exists(FileOf(store));

    public static void Make(string store) => AtomicFile.WriteText(FileOf(store), "");

    public static void Forget(string store) => File.Delete(FileOf(store));

    private static string FileOf(string store) => Path.Combine(store, "cancel");
}
