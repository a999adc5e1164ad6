using System.Buffers;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Text;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Interchange;

/// <summary>A Hugging Face folder becomes one of ours: weights in float32 by our names, the vocabulary where ours can read it, and a record of what there was.</summary>
internal static class ToOurs
{
    public static Conversion Write(string source, string target)
    {
        using var theirs = HuggingFaceFolder.Open(source);
        var carried = CarriedFiles.In(source);
        var weights = Weights(theirs);
        AtomicFile.WriteFolder(target, folder =>
        {
            AtomicFile.WriteText(Path.Combine(folder, Checkpoint.Description), Canonical.Json(theirs.Model));
            Safetensors.Write(Path.Combine(folder, Checkpoint.Weights), weights);
            WriteMemory(theirs, source, folder);
            foreach (var name in carried) CarriedFiles.Copy(Path.Combine(source, name), name == CarriedFiles.Pieces ? Path.Combine(folder, name) : Path.Combine(folder, HuggingFaceRecord.Folder, name));
            if (carried.Contains(CarriedFiles.Pieces)) WriteVocabulary(theirs, source, folder);
        });
        return new(ToHuggingFace: false, theirs.Layout, theirs.Model, weights.Count, weights.Sum(weight => weight.Bytes));
    }

    private static List<SafetensorsContent> Weights(HuggingFaceFolder theirs) => [.. theirs.Held().Select(Widened)];

    private static SafetensorsContent Widened(HeldWeight held) => new(held.Weight.Name, ScalarType.Float32, held.Weight.Shape, stream => held.Visit(bytes =>
    {
        if (held.Type == ScalarType.Float32)
        {
            stream.Write(bytes);
            return;
        }
        var wide = ArrayPool<byte>.Shared.Rent(2 * bytes.Length);
        FloatBits.Widen(held.Type, bytes, wide);
        stream.Write(wide, 0, 2 * bytes.Length);
        ArrayPool<byte>.Shared.Return(wide);
    }));

    private static void WriteMemory(HuggingFaceFolder theirs, string source, string folder)
    {
        HuggingFaceRecord.Of(theirs).Write(folder);
        CarriedFiles.Copy(Path.Combine(source, HuggingFaceFolder.Config), Path.Combine(folder, HuggingFaceRecord.Folder, HuggingFaceFolder.Config));
        List<SafetensorsContent> unused = [.. theirs.Meaning.Where(tensor => tensor.Value is null).Select(tensor => theirs.Weights.Tensors[tensor.Key]).Select(tensor => SafetensorsContent.Of(tensor.Entry.Name, tensor.File, tensor.Entry))];
        if (unused.Count > 0) Safetensors.Write(Path.Combine(folder, HuggingFaceRecord.Folder, HuggingFaceRecord.Unused), unused);
    }

    // A tokenizer with more ids than the table has rows is carried, but no vocabulary of this model.
    private static void WriteVocabulary(HuggingFaceFolder theirs, string source, string folder)
    {
        var vocabulary = new SentencePieceVocabulary(CarriedFiles.Pieces, CarriedFiles.Sentinels(source));
        var ids = SentencePieceModel.Read(Path.Combine(source, CarriedFiles.Pieces)).Pieces.Count + vocabulary.Sentinels;
        if (ids <= theirs.Model.Shape.Vocabulary) AtomicFile.WriteText(Path.Combine(folder, "vocabulary.json"), Canonical.Json((Vocabulary)vocabulary));
    }
}
