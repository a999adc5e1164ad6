using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// Parameters of which a model's weights are made anew in each step, and which are trained in the place of the weights: by the chain rule, a weight's gradient goes on to what it was made of.
/// </summary>
public abstract class WeightSource : nn.Module
{
    protected WeightSource(string name) : base(name)
    {
    }

    /// <summary>The model's weights, by their names, made so that autograd can follow; they belong to the scope around.</summary>
    protected internal abstract IReadOnlyDictionary<string, Tensor> Make();

    /// <summary>Fills the model.</summary>
    public void Fill(LanguageModel model)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        Fill(model, Make());
    }

    /// <summary>Fills the model, lets its weights have their gradients, and turns those into gradients of the own parameters.</summary>
    internal void Differentiate(LanguageModel model, Action differentiate)
    {
        using var scope = NewDisposeScope();
        var made = Make();
        using (no_grad()) Fill(model, made);
        differentiate();
        var pulled = model.named_parameters().Where(weight => weight.parameter.grad is not null && made[weight.name].requires_grad).Select(weight => (made[weight.name] * weight.parameter.grad!).sum()).ToArray();
        stack(pulled).sum().backward();
        foreach (var weight in model.parameters()) weight.grad = null;
    }

    private static void Fill(LanguageModel model, IReadOnlyDictionary<string, Tensor> made)
    {
        foreach (var (name, weight) in model.state_dict()) weight.copy_(made[name]);
    }
}
