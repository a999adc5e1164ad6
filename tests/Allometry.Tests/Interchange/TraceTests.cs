using Allometry.Files;
using Allometry.Generation;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Interchange;

public sealed class TraceTests : IDisposable
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 4, Heads: 2, EncoderLayers: 2, DecoderLayers: 1, Vocabulary: 40);
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly string folder = Directory.CreateTempSubdirectory("allometry-tests-").FullName;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Without_labels_there_is_what_needs_none()
    {
        using var model = new EncoderDecoder().Build(Small);
        var traced = Run(model, new TraceOptions(Generations: [("greedy", new GreedyDecoding())], MaxNewTokens: 3), ("input_ids", ones(2, 5, dtype: int32)));
        Assert.Equal(["encoder_hidden.0", "encoder_hidden.1", "encoder_hidden.2", "encoder_last_hidden_state", "greedy"], traced.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_single_stack_has_plain_names()
    {
        using var encoder = new EncoderOnly().Build(Small);
        Assert.Equal(["hidden.0", "hidden.1", "hidden.2", "last_hidden_state"], Run(encoder, new(), ("input_ids", ones(2, 5, dtype: int64))).Keys.Order(StringComparer.Ordinal));
        using var decoder = new DecoderOnly().Build(Small);
        Assert.Equal(["hidden.0", "hidden.1", "logits", "loss"], Run(decoder, new(), ("input_ids", ones(2, 5, dtype: int64)), ("labels", ones(2, 5, dtype: int64))).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_position_without_a_mask_is_real_and_every_label_but_the_ignored_one_counts()
    {
        using var model = new EncoderDecoder().Build(Small);
        var (inputs, labels) = (tensor(new long[,] { { 4, 0, 7 } }), tensor(new long[,] { { 5, 0, -100 } }));
        var bare = Run(model, new(), ("input_ids", inputs), ("labels", labels));
        var masked = Run(model, new(), ("input_ids", inputs), ("attention_mask", ones(1, 3)), ("labels", labels));
        Assert.Equal(masked["logits"].data<float>().ToArray(), bare["logits"].data<float>().ToArray());

        var surprise = -bare["logits"].log_softmax(-1);
        Assert.Equal((surprise[0, 0, 5] + surprise[0, 1, 0]).item<float>() / 2, bare["loss"].item<float>(), 1e-5);
    }

    [Fact]
    public void Dropout_and_gradients_of_before_have_no_part_in_it_and_the_model_is_left_as_it_was()
    {
        using var model = new EncoderDecoder { Dropout = 0.5 }.Build(Small);
        (string, Tensor)[] given = [("input_ids", tensor(new long[,] { { 4, 9, 7 } })), ("labels", tensor(new long[,] { { 5, 6 } }))];
        model.train();
        var first = Run(model, new(Gradients: true), given);
        var second = Run(model, new(Gradients: true), given);
        Assert.All(first, pair => Assert.Equal(pair.Value.bytes.ToArray(), second[pair.Key].bytes.ToArray()));
        Assert.True(model.training);
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void A_row_that_has_ended_is_filled_up_with_the_pad_id()
    {
        using var model = new EncoderDecoder().Build(Small);
        var traced = Run(model, new(Generations: [("beams", new BeamDecoding(2, -5))], MaxNewTokens: 6), ("input_ids", randint(1, 40, [8, 4], dtype: int64)));
        Assert.Equal([8L], traced["beam_scores"].shape);
        foreach (var row in Enumerable.Range(0, 8).Select(row => traced["beams"][row].data<long>().ToArray()))
        {
            Assert.Equal(0, row[0]);
            if (Array.IndexOf(row, 1L) is > 0 and var end) Assert.All(row[(end + 1)..], id => Assert.Equal(0, id));
        }
    }

    [Fact]
    public void All_that_is_wrong_with_the_inputs_is_told_at_once()
    {
        using var model = new EncoderDecoder().Build(Small);
        var problems = Assert.Throws<InputException>(() => Run(model, new(), ("input_ids", full(2, 3, 40, dtype: int64)), ("attention_mask", ones(2, 4)), ("labels", full(1, 3, -1, dtype: int64)))).Problems;
        Assert.Equal(["tensor 'attention_mask' is [2, 4]", "tensor 'input_ids' holds 40", "tensor 'labels' has 1 rows for 2 of input_ids", "tensor 'labels' holds -1"], problems.Select(problem => problem.What).Order(StringComparer.Ordinal));
        Assert.Contains("'input_ids' is missing", Assert.Throws<InputException>(() => Run(model, new(), ("labels", ones(1, 1, dtype: int64)))).Message, StringComparison.Ordinal);
        Assert.Contains("give integers", Assert.Throws<InputException>(() => Run(model, new(), ("input_ids", ones(1, 3)))).Message, StringComparison.Ordinal);
        Assert.Contains("--gradients", Assert.Throws<InputException>(() => Run(model, new(Gradients: true), ("input_ids", ones(1, 3, dtype: int64)))).Message, StringComparison.Ordinal);
    }

    private IReadOnlyDictionary<string, Tensor> Run(LanguageModel model, TraceOptions options, params (string, Tensor)[] given)
    {
        var path = Path.Combine(folder, "inputs.safetensors");
        Safetensors.Write(path, given);
        using var file = SafetensorsFile.Open(path);
        return new Trace(model, new(null, model.Architecture)).Run(TraceInputs.Read(file, model.Shape), options);
    }
}
