using System.Text.Json.Nodes;
using Allometry.Interchange;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Golden;

/// <summary>Hugging Face's numbers for models whose weights follow a closed rule (goldens/sine/README.md).</summary>
public class SineTests
{
    [Theory]
    [InlineData("t5_v10_relu_tied.json")]
    [InlineData("t5_v11_gated_gelu_untied.json")]
    [InlineData("longt5_local_len10.json")]
    [InlineData("longt5_tglobal_len10.json")]
    [InlineData("longt5_tglobal_len12_full.json")]
    public void States_logits_loss_and_gradients_are_the_references(string file)
    {
        using var scope = NewDisposeScope();
        var golden = Goldens.Json("sine", file);
        var (model, names) = Build(golden);
        using var owned = model;
        var (inputs, mask) = (Ids(golden["input_ids"]!), Ids(golden["attention_mask"]!).to(@bool));
        var labels = Ids(golden["labels"]!);

        var states = model.HiddenStates(inputs, mask, labels)["encoder"][^1];
        var real = mask.unsqueeze(-1);
        AssertClose(Floats(golden["encoder_last_hidden_state"]!).view(states.shape) * real, states * real, 2e-5);
        AssertClose(Floats(golden["logits"]!).view(3, 5, 30), model.Logits(inputs, mask, labels), 2e-5);

        var loss = model.Loss(inputs, mask, labels, new LossOptions());
        var mean = loss.Sum / loss.Tokens;
        Assert.Equal((double)golden["loss"]!, mean.item<float>(), 5e-6);
        mean.backward();
        var expected = golden["grad_norm_and_sum"]!.AsObject();
        foreach (var (name, parameter) in model.named_parameters())
        {
            var (norm, sum) = ((double)expected[names[name]]![0]!, (double)expected[names[name]]![1]!);
            Assert.Equal(norm, parameter.grad!.norm().item<float>(), Math.Max(2e-6, 1e-5 * norm));
            Assert.Equal(sum, parameter.grad!.sum().item<float>(), Math.Max(2e-6, 1e-4 * norm));
        }
    }

    /// <summary>The model of a golden with its weights, and Hugging Face's name for each of ours.</summary>
    private static (LanguageModel Model, Dictionary<string, string> Names) Build(JsonNode golden)
    {
        var fields = golden["config"]!.DeepClone().AsObject();
        fields["model_type"] = ((string)golden["tag"]!).Split('_')[0];
        var config = HuggingFaceConfig.Of(fields, "config");
        var layout = HuggingFaceLayout.Of(config);
        var (architecture, shape, _) = layout.Describe(config);
        config.ThrowIfAny();
        var model = architecture.Build(shape);
        var names = model.named_parameters().ToDictionary(pair => pair.name, pair => layout.NameOf(pair.name, architecture));
        var order = names.Values.Order(StringComparer.Ordinal).ToList();
        Assert.Equal(golden["params"]!.AsArray().Select(pair => (string)pair![0]!), order);
        using var still = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            parameter.copy_(Sine(order.IndexOf(names[name]), names[name], parameter.shape));
        return (model, names);
    }

    internal static Tensor Sine(int i, string name, long[] sizes)
    {
        var v = (0.7 * arange(1, sizes.Aggregate((a, b) => a * b) + 1, float64) + 1.3 * (i + 1)).sin().view(sizes);
        var whole = name.Contains("relative_attention_bias", StringComparison.Ordinal) || name == "shared.weight";
        return (sizes.Length == 1 ? 1 + 0.1 * v : whole ? v : 0.15 * v).to(float32);
    }

    internal static Tensor Ids(JsonNode rows) =>
        stack(rows.AsArray().Select(row => tensor(row!.AsArray().Select(id => (long)id!).ToArray())));

    internal static Tensor Floats(JsonNode values) => tensor(values.AsArray().Select(value => (float)value!).ToArray());

    internal static void AssertClose(Tensor expected, Tensor actual, double tolerance) =>
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, tolerance);
}
