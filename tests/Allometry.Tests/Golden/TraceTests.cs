using Allometry.Generation;
using Allometry.Interchange;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Golden;

/// <summary>Everything that Hugging Face computed of its folders, through `trace`: with kernels, without, and from the folder converted to ours.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly string folder = Directory.CreateTempSubdirectory("allometry-tests-").FullName;

    public static TheoryData<string> Cases => HuggingFaceCase.Models;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory, MemberData(nameof(Cases))]
    public void States_logits_loss_gradients_and_answers_are_the_references(string name) => Walk(name, plain: false, converted: false);

    [Theory, MemberData(nameof(Cases))]
    public void So_are_those_from_library_operations(string name) => Walk(name, plain: true, converted: false);

    [Theory, MemberData(nameof(Cases))]
    public void So_are_those_of_the_folder_that_it_was_converted_to(string name) => Walk(name, plain: false, converted: true);

    private void Walk(string name, bool plain, bool converted)
    {
        Assert.SkipWhen(name == "none", "there are no such cases");
        using var golden = new HuggingFaceCase(name);
        if (converted) Conversion.Run(golden.Folder, Path.Combine(folder, "ours"));
        var (model, names) = ModelFolder.Load(converted ? Path.Combine(folder, "ours") : golden.Folder);
        using var owned = model;
        model.Plain = plain;
        var generation = golden.Facts["generation"];
        var options = new TraceOptions(Gradients: golden.Facts["loss"] is not null, Generations: generation is null ? [] : [("greedy", new GreedyDecoding()), ("beams", new BeamDecoding((int)generation["num_beams"]!, (double)generation["length_penalty"]!))],
            MaxNewTokens: (int?)generation?["max_new_tokens"] ?? 12);
        var traced = new Trace(model, names).Run(golden.Inputs(model.Shape), options);

        Assert.Superset(golden.Names.Except(["input_ids", "attention_mask", "labels"]).ToHashSet(), traced.Keys.ToHashSet());
        if (golden.Facts["loss"] is { } loss) Assert.Equal((double)loss, traced["loss"].item<float>(), 1e-5 * (double)loss);
        var beside = traced.Keys.Except(golden.Names).ToHashSet();
        Assert.True(beside.All(name => name == "loss" || (name.StartsWith("grad.", StringComparison.Ordinal) && !golden.Names.Any(known => known.StartsWith("grad.", StringComparison.Ordinal)))), "there is more than asked for");
        foreach (var (tensor, actual) in traced.Where(tensor => !beside.Contains(tensor.Key))) Compare(tensor, golden, actual);
    }

    private static void Compare(string tensor, HuggingFaceCase golden, Tensor actual)
    {
        var expected = golden.Read(tensor);
        Assert.True(expected.shape.SequenceEqual(actual.shape), $"{tensor} is [{string.Join(", ", actual.shape)}] instead of [{string.Join(", ", expected.shape)}]");
        if (tensor is "greedy" or "beams")
        {
            Assert.Equal(UpToEnd(expected), UpToEnd(actual));
            return;
        }
        var allowed = tensor.StartsWith("grad.", StringComparison.Ordinal) ? 1e-3 * expected.abs().max().item<float>() : 1e-4;
        // Positions of the inputs: what stands where the mask is 0 is nobody's business.
        var real = expected.dim() == 3 && !tensor.StartsWith("decoder_", StringComparison.Ordinal) && !(tensor == "logits" && golden.Names.Contains("labels")) ? golden.Read("attention_mask").unsqueeze(-1) : ones(1);
        Assert.True(((expected - actual) * real).abs().max().item<float>() <= allowed, $"{tensor} differs");
    }

    /// <summary>Rows without what fills them up: the reference takes the pad id after greedy decoding and the end id after beam search, `trace` the pad id always.</summary>
    private static string UpToEnd(Tensor rows) => string.Join('\n', Enumerable.Range(0, (int)rows.size(0)).Select(row => rows[row].data<long>().ToArray())
        .Select(ids => string.Join(' ', Array.IndexOf(ids, LanguageModel.End) is >= 0 and var end ? ids[..(end + 1)] : ids)));
}
