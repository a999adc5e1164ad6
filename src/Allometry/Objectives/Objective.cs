using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>What a model is asked to predict of raw text.</summary>
public abstract record Objective
{
    /// <summary>How much text fills inputs of <paramref name="inputLength"/> tokens, and how long the targets are then.</summary>
    public abstract ObjectiveLengths Lengths(int inputLength);

    /// <summary>One example of a stretch of text (at least 2 tokens). A pure function of the tokens and of the stream's keys.</summary>
    public abstract Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random);

    /// <summary>Whether its examples are made of the recipe's corpus; where not, of <see cref="Sequences"/>.</summary>
    public virtual bool ReadsCorpus => true;

    /// <summary>
    /// What the examples of a split are made of where that is no corpus: sequences of at most the input length, each an example by itself. What is wrong with the data is an InputException.
    /// </summary>
    public virtual IReadOnlyList<int[]> Sequences(PretrainingText text) => throw new NotSupportedException("This objective reads the corpus.");

    /// <summary>What it trains beside a model, with first weights from torch's default generator; null: nothing. Where there is something, its loss is what is minimised.</summary>
    public virtual AuxiliaryModule? Build(LanguageModel model, Tokenizer tokenizer) => null;

    /// <summary>Whether <see cref="Build"/> gives something, without which it has no loss.</summary>
    public virtual bool TrainsMore => false;

    /// <summary>What is minimised on a batch of examples: the model's own loss, unless the objective brings another.</summary>
    public virtual LossTensors Loss(LanguageModel model, Batch batch, LossOptions options) => model.Loss(batch.Inputs, batch.InputMask, batch.Targets, options);

    /// <summary>What training on sequences of these lengths costs: the model's, and that of whatever the objective computes beside it.</summary>
    public virtual CostSheet Count(Architecture architecture, Shape shape, Setting setting) => architecture.Count(shape, setting);

    /// <summary>What it draws its examples from: itself, unless it is a mixture. The shares add up to 1.</summary>
    public virtual IReadOnlyList<ObjectivePart> Parts => [new("", 1, this)];

    /// <summary>Why this objective cannot train such a model; none where it can.</summary>
    public virtual IEnumerable<Problem> Problems(string where, Architecture architecture) => [];

    /// <summary>Why this objective cannot fill inputs of that length with that vocabulary; none where it can.</summary>
    public virtual IEnumerable<Problem> Problems(string where, int inputLength, Tokenizer tokenizer) => Problems(where, inputLength, tokenizer.Sentinels);

    /// <summary>Why this objective cannot fill inputs of that length with a vocabulary of that many sentinels; none where it can.</summary>
    public virtual IEnumerable<Problem> Problems(string where, int inputLength, int sentinels) =>
        inputLength >= 3 ? [] : [new Problem(where, $"an input length of {inputLength} leaves nothing to predict", "make it at least 3")];
}
