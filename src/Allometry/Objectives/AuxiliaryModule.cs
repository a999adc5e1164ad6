using Allometry.Models;
using Allometry.Tasks;
using static TorchSharp.torch;

namespace Allometry.Objectives;

/// <summary>
/// What an objective trains beside the model, with the same optimiser, and what is thrown away with the training: it is in the state of a run, not in the model that the run makes.
/// It must not register the model's own weights, which are trained once.
/// </summary>
public abstract class AuxiliaryModule : nn.Module
{
    protected AuxiliaryModule(string name) : base(name)
    {
    }

    /// <summary>What is minimised on a batch. Its own chance comes from torch's generator while the model trains, and is the same every time while it does not.</summary>
    public abstract LossTensors Loss(LanguageModel model, Batch batch, LossOptions options);
}
