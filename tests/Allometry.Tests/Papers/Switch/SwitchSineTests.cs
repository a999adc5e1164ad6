using System.Text.Json.Nodes;
using Allometry.Interchange;
using Allometry.Models;
using Allometry.Papers.Switch;
using Allometry.Tests.Golden;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Switch;

/// <summary>
/// Hugging Face's numbers for Switch models whose weights follow a closed rule (goldens/sine/README.md): states, what each router decided, both of its losses, and the gradients of their sum.
/// Its balance loss pools the layers of a stack, takes padding in and counts a dropped token as the first expert's: that is computed here, from our routers' logits.
/// </summary>
public class SwitchSineTests
{
    public static TheoryData<string> Cases
    {
        get
        {
            var folder = Path.Combine(Goldens.Folder, "sine");
            string[] found = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "switch_*.json").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)] : [];
            return [.. found.Length > 0 ? found : ["none"]];
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void States_routes_losses_and_gradients_are_the_references(string file) => Walk(file, plain: false);

    [Theory, MemberData(nameof(Cases))]
    public void So_are_those_from_library_operations(string file) => Walk(file, plain: true);

    private static void Walk(string file, bool plain)
    {
        Assert.SkipWhen(file == "none", "there are no such cases");
        using var scope = NewDisposeScope();
        var golden = Goldens.Json("sine", file);
        var (model, names) = Build(golden);
        using var owned = model;
        model.Plain = plain;
        var (inputs, mask, labels) = (SineTests.Ids(golden["input_ids"]!), SineTests.Ids(golden["attention_mask"]!).to(@bool), SineTests.Ids(golden["labels"]!));

        var states = model.HiddenStates(inputs, mask, labels)["encoder"][^1];
        var real = mask.unsqueeze(-1);
        SineTests.AssertClose(SineTests.Floats(golden["encoder_last_hidden_state"]!).view(states.shape) * real, states * real, 2e-5);

        var routers = Listen(model, names);
        var logits = model.Logits(inputs, mask, labels);
        SineTests.AssertClose(SineTests.Floats(golden["logits"]!).view(logits.shape), logits, 2e-5);
        var entropy = nn.functional.cross_entropy(logits.reshape(-1, logits.size(-1)), labels.reshape(-1), ignore_index: -100);
        Assert.Equal((double)golden["ce_loss"]!, entropy.item<float>(), 5e-6);

        var total = entropy;
        foreach (var stack in (string[])["encoder", "decoder"])
        {
            var routes = golden["sparse_layers"]!.AsObject().Where(layer => layer.Key.StartsWith(stack, StringComparison.Ordinal))
                .Select(layer => Route(layer.Value!, routers[$"{layer.Key}.router.classifier.weight"], inputs.size(0), (int)golden["config"]!["expert_capacity"]!)).ToList();
            var (balance, z) = Pooled(routes, inputs.size(0));
            Assert.Equal((double)golden[$"{stack}_aux_loss"]!, balance.item<float>(), 1e-5);
            Assert.Equal((double)golden[$"{stack}_z_loss"]!, z.item<float>(), 2e-5);
            total = total + ((double)golden["config"]!["router_aux_loss_coef"]! * balance) + ((double)golden["config"]!["router_z_loss_coef"]! * z);
        }
        Assert.Equal((double)golden["loss"]!, total.item<float>(), 1e-5);
        total.backward();
        Compare(model, names, golden["grad_norm_and_sum"]!.AsObject());
        foreach (var heard in routers.Values) heard.Dispose();
    }

    private static void Compare(LanguageModel model, Dictionary<string, string> names, JsonObject expected)
    {
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (expected[names[name]] is not JsonArray { Count: 2 } given)
            {
                Assert.Null(parameter.grad); // an expert without tokens
                continue;
            }
            var (norm, sum) = ((double)given[0]!, (double)given[1]!);
            Assert.Equal(norm, parameter.grad?.norm().item<float>() ?? 0, Math.Max(2e-6, 2e-5 * norm));
            Assert.Equal(sum, parameter.grad?.sum().item<float>() ?? 0, Math.Max(2e-6, 1e-4 * norm));
        }
    }

    /// <summary>What we make of a router's logits, once it is found to be what the reference made of them.</summary>
    private static Routing Route(JsonNode expected, Tensor logits, long rows, int capacity)
    {
        var routing = Routing.Of(Routing.Softmax(logits), null, (int)(logits.size(0) / rows), 1, (_, _) => capacity);
        SineTests.AssertClose(SineTests.Floats(expected["logits"]!).view(logits.shape), logits, 2e-5);
        SineTests.AssertClose(SineTests.Floats(expected["max_prob"]!), routing.Probabilities.max(1).values, 1e-5);
        Assert.Equal((long)expected["dropped"]!, routing.Dispatch.Dropped);
        Assert.Equal(expected["mask"]!.AsArray().SelectMany(row => row!.AsArray()).Select(token => string.Join(' ', token!.AsArray())), Kept(routing).Select(token => string.Join(' ', token)));
        return routing;
    }

    /// <summary>[token][expert]: 1 where it has a slot.</summary>
    private static int[][] Kept(Routing routing)
    {
        var experts = routing.Dispatch.Ends.Length;
        var kept = Enumerable.Range(0, (int)routing.Probabilities.size(0)).Select(_ => new int[experts]).ToArray();
        foreach (var gate in routing.Dispatch.Of(arange(kept.Length * experts).view(-1, experts)).data<long>()) kept[gate / experts][gate % experts] = 1;
        return kept;
    }

    private static (Tensor Balance, Tensor Z) Pooled(List<Routing> layers, long rows)
    {
        var experts = layers[0].Dispatch.Ends.Length;
        Tensor ByRow(Tensor x, long columns) => x.view(rows, -1, columns); // [row, token, column]
        var chosen = cat([.. layers.Select(layer => ByRow(tensor(Kept(layer).SelectMany(token => token.Contains(1) ? token : [1, .. new int[experts - 1]]).Select(value => (float)value).ToArray()), experts))], 1);
        var probabilities = cat([.. layers.Select(layer => ByRow(layer.Probabilities, experts))], 1);
        return ((chosen.mean([1]) * probabilities.mean([1])).mean() * experts * experts, cat([.. layers.Select(layer => layer.Denominators!)]).square().mean());
    }

    /// <summary>Each router's logits [token, expert] of the next run, by Hugging Face's name of its weight.</summary>
    private static Dictionary<string, Tensor> Listen(LanguageModel model, Dictionary<string, string> names)
    {
        var heard = new Dictionary<string, Tensor>();
        foreach (var (name, module) in model.named_modules())
            if (module is SwitchModule layer) layer.Decided = routing => heard[names[$"{name}.router.weight"]] = (routing.Probabilities.log() + routing.Denominators!).DetachFromDisposeScope();
        return heard;
    }

    private static (LanguageModel Model, Dictionary<string, string> Names) Build(JsonNode golden)
    {
        var config = HuggingFaceConfig.Of(golden["config"]!.DeepClone().AsObject(), "config");
        var description = new SwitchLayout().Describe(config);
        config.ThrowIfAny();
        var model = description.Architecture.Build(description.Shape);
        model.eval();
        var names = model.named_parameters().ToDictionary(pair => pair.name, pair => new SwitchLayout().NameOf(pair.name, description.Architecture));
        var order = names.Values.Order(StringComparer.Ordinal).ToList();
        Assert.Equal(golden["params"]!.AsArray().Select(pair => (string)pair![0]!), order);
        using var still = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            parameter.copy_(SineTests.Sine(order.IndexOf(names[name]), names[name], parameter.shape));
        return (model, names);
    }
}
