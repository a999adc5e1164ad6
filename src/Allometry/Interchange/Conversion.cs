using Allometry.Kinds;
using Allometry.Training;

namespace Allometry.Interchange;

/// <summary>What was converted: the family, the model, and how many tensors and bytes of them the target holds.</summary>
public sealed record Conversion(bool ToHuggingFace, HuggingFaceLayout Layout, ModelDescription Model, int Tensors, long Bytes)
{
    /// <summary>
    /// Makes a new folder of a folder: ours of a Hugging Face one, a Hugging Face one of ours. Everything is checked before anything is written; tensors go from mapped file to file,
    /// and no libtorch is needed.
    /// </summary>
    public static Conversion Run(string source, string target)
    {
        var back = !ModelFolder.IsHuggingFace(source);
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new InputException(target, "is there already", "name a new folder: nothing is overwritten");
        return back ? ToTheirs.Write(source, target) : ToOurs.Write(source, target);
    }
}
