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
/// </summary>
public sealed class Trace(LanguageModel model, Func<string, string> nameOf)
{
    /// <summary>The tensors by name; the caller disposes them.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(TraceInputs inputs, TraceOptions options)
    {
        if (options.Gradients && inputs.Labels is null) throw new InputException("--gradients", "there is no loss without labels", "put labels into the inputs");
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
        var states = model.HiddenStates(inputs.Inputs, inputs.Mask, inputs.Labels ?? zeros(inputs.Inputs.size(0), model.Architecture.Writes ? 1 : inputs.Inputs.size(1), dtype: int64));
        foreach (var (stack, tensors) in states)
        {
            foreach (var tensor in tensors) scope.Attach(tensor);
            if (states.Count > 1 && stack == "decoder" && inputs.Labels is null) continue;
            var prefix = states.Count > 1 ? $"{stack}_" : "";
            foreach (var (i, tensor) in tensors.Index()) traced[string.Create(CultureInfo.InvariantCulture, $"{prefix}hidden.{i}")] = tensor;
            if (stack == "encoder") traced[$"{prefix}last_hidden_state"] = tensors[^1].alias();
        }
    }

    private void Add(Dictionary<string, Tensor> traced, TraceInputs inputs, Tensor labels, bool gradients)
    {
        var logits = model.Logits(inputs.Inputs, inputs.Mask, labels);
        // From the logits, as the reference does it: there the pad id is a label like any other.
        var loss = nn.functional.cross_entropy(logits.reshape(-1, logits.size(-1)), labels.reshape(-1), ignore_index: TraceInputs.Ignored);
        (traced["logits"], traced["loss"]) = (logits.detach(), loss.detach());
        if (!gradients) return;
        model.zero_grad();
        loss.backward();
        foreach (var (name, parameter) in model.named_parameters())
            if (parameter.grad is { } gradient) traced[$"grad.{nameOf(name)}"] = gradient.clone();
        model.zero_grad();
    }

    /// <summary>Rows as the reference returns them: behind the start token, filled up with the pad id after the end token.</summary>
    private static void Add(Dictionary<string, Tensor> traced, string name, IReadOnlyList<Written> answers)
    {
        var longest = answers.Max(answer => answer.Tokens.Count);
        long[] ids = [.. answers.SelectMany(answer => answer.Tokens.Prepend(LanguageModel.Start).Concat(Enumerable.Repeat(LanguageModel.Pad, longest - answer.Tokens.Count)))];
        traced[name] = tensor(ids).view(answers.Count, longest + 1);
        if (answers.All(answer => answer.Score is not null)) traced[$"{name.TrimEnd('s')}_scores"] = tensor(answers.Select(answer => (float)answer.Score!.Value).ToArray());
    }
}
