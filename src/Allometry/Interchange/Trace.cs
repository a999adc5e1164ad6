using System.Globalization;
using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Interchange;

/// <summary>What is wanted of a trace beside states, logits and loss.</summary>
/// <param name="Gradients">The gradient of the loss in every weight that it reaches.</param>
/// <param name="Generations">What the model writes, by the name of the tensor: greedily, or by beam search (then its scores too).</param>
public sealed record TraceOptions(bool Gradients = false, IReadOnlyList<(string Name, Decoding Decoding)>? Generations = null, int MaxNewTokens = 12);

/// <summary>
/// A model's numbers on given inputs by Hugging Face's names, without dropout. States are float32 [batch, length, model width]: number 0 is the embedding's output, the last is after the final norm.
/// A model with two stacks calls them encoder_hidden.i and decoder_hidden.i, one with a single stack hidden.i. What needs labels is left out where there are none.
/// One without a start token continues its inputs: its logits at each foretell the next, and where no labels are given the inputs themselves are.
/// </summary>
public sealed class Trace(LanguageModel model, TensorNames names)
{
    private readonly bool continues = model.Architecture is DecoderOnly { StartToken: false };

    /// <summary>The tensors by name; the caller disposes them.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(TraceInputs inputs, TraceOptions options)
    {
        if (continues && inputs.Labels is null) inputs = inputs with { Labels = inputs.Inputs.masked_fill(inputs.Mask.logical_not(), TraceInputs.Ignored) };
        if (options.Gradients && inputs.Labels is null) throw new InputException("--gradients", "there is no loss without labels", "put labels into the inputs");
        if (continues && !inputs.Labels!.shape.SequenceEqual(inputs.Inputs.shape)) throw new InputException("labels", $"[{string.Join(", ", inputs.Labels.shape)}] for inputs of [{string.Join(", ", inputs.Inputs.shape)}]", "give one label for each input: the model shifts them itself");
        var training = model.training;
        model.eval();
        using var scope = NewDisposeScope();
        var traced = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        AddStates(traced, inputs, scope);
        if (inputs.Labels is not null) Add(traced, inputs, inputs.Labels, options.Gradients);
        foreach (var (name, decoding) in options.Generations ?? []) Add(traced, name, decoding.Write(model, inputs.Inputs, inputs.Mask, options.MaxNewTokens));
        model.train(training);
        foreach (var tensor in traced.Values) tensor.MoveToOuterDisposeScope();
        return traced;
    }

    private void AddStates(Dictionary<string, Tensor> traced, TraceInputs inputs, DisposeScope scope)
    {
        using var still = no_grad();
        var stacks = model.Architecture.Depths(model.Shape).Count();
        var states = inputs.Labels is null || Reads ? Read(inputs, scope) : Attached(model.HiddenStates(inputs.Inputs, inputs.Mask, inputs.Labels), scope);
        foreach (var (stack, tensors) in states)
        {
            var prefix = stacks > 1 ? $"{stack}_" : "";
            foreach (var (i, tensor) in tensors.Index()) traced[string.Create(CultureInfo.InvariantCulture, $"{prefix}hidden.{i}")] = tensor;
            if (stack == "encoder") traced[$"{prefix}last_hidden_state"] = tensors[^1].alias();
            if (model.Pool(tensors[^1]) is { } pooled) traced["pooler"] = pooled;
        }
    }

    /// <summary>Whether everything is predicted from reading the inputs, with no targets to look at.</summary>
    private bool Reads => continues || !model.Architecture.Writes;

    private IReadOnlyDictionary<string, List<Tensor>> Read(TraceInputs inputs, DisposeScope scope) => Attached(model.Read(inputs.Inputs, inputs.Mask, inputs.TokenTypes), scope);

    private static IReadOnlyDictionary<string, List<Tensor>> Attached(IReadOnlyDictionary<string, List<Tensor>> states, DisposeScope scope)
    {
        foreach (var tensor in states.Values.SelectMany(tensors => tensors)) scope.Attach(tensor);
        return states;
    }

    private void Add(Dictionary<string, Tensor> traced, TraceInputs inputs, Tensor labels, bool gradients)
    {
        using var scope = NewDisposeScope();
        var logits = Reads ? model.Predict(Read(inputs, scope).Values.Single()[^1]) : model.Logits(inputs.Inputs, inputs.Mask, labels);
        var (foretold, wanted) = continues ? (logits.narrow(1, 0, logits.size(1) - 1), labels.narrow(1, 1, labels.size(1) - 1)) : (logits, labels);
        // From the logits, as the reference does it: there the pad id is a label like any other.
        var loss = nn.functional.cross_entropy(foretold.reshape(-1, logits.size(-1)), wanted.reshape(-1), ignore_index: TraceInputs.Ignored);
        (traced["logits"], traced["loss"]) = (logits.detach().MoveToOuterDisposeScope(), loss.detach().MoveToOuterDisposeScope());
        if (!gradients) return;
        model.zero_grad();
        loss.backward();
        foreach (var (name, gradient) in names.Keep(Gradients())) traced[$"grad.{name}"] = gradient.MoveToOuterDisposeScope();
        model.zero_grad();
    }

    private Dictionary<string, Tensor> Gradients() => model.named_parameters().Where(pair => pair.parameter.grad is not null).ToDictionary(pair => pair.name, pair => pair.parameter.grad!);

    /// <summary>Rows as the reference returns them: behind the start token, filled up with the pad id after the end token.</summary>
    private static void Add(Dictionary<string, Tensor> traced, string name, IReadOnlyList<Written> answers)
    {
        var longest = answers.Max(answer => answer.Tokens.Count);
        long[] ids = [.. answers.SelectMany(answer => answer.Tokens.Prepend(LanguageModel.Start).Concat(Enumerable.Repeat(LanguageModel.Pad, longest - answer.Tokens.Count)))];
        traced[name] = tensor(ids).view(answers.Count, longest + 1);
        if (answers.All(answer => answer.Score is not null)) traced[$"{name.TrimEnd('s')}_scores"] = tensor(answers.Select(answer => (float)answer.Score!.Value).ToArray());
    }
}
