using Allometry.Models;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>
/// An objective that hides a part of a text: the inputs are what is left of it, the targets what is hidden. What is minimised is the model's own loss, with nothing
/// trained beside it, so that denoisers can be mixed and each can be measured on a model that another trained.
/// </summary>
public abstract record Denoiser : Objective
{
    /// <summary>The largest share of a text that may be hidden: more leaves so little to read that the text of an input would be longer than any corpus.</summary>
    protected const double MostHidden = 0.99;

    public sealed override AuxiliaryModule? Build(LanguageModel model, Tokenizer tokenizer) => null;

    public sealed override LossTensors Loss(LanguageModel model, Batch batch, LossOptions options) => base.Loss(model, batch, options);
}
