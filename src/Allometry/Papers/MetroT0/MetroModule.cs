using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Text;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Papers.MetroT0;

/// <summary>What METRO trains beside the model and throws away: the auxiliary encoder with its head, and the head that detects replaced tokens. The table of embeddings is the model's.</summary>
internal sealed class MetroModule : AuxiliaryModule
{
    private readonly StackModule generator;
    private readonly Projection dense;
    private readonly nn.Module<Tensor, Tensor> norm;
    private readonly Parameter bias;
    private readonly DetectorModule detector;
    private readonly Metro choice;
    private readonly int pieces;

    public MetroModule(Metro choice, LanguageModel model, int pieces) : base("metro")
    {
        (this.choice, this.pieces) = (choice, pieces);
        var place = PlaceOf(model.Architecture, model.Shape, model.Device);
        generator = ((EncoderDecoder)model.Architecture).Encoder.Build("generator", choice.Layers(model.Shape), place);
        dense = Projection.FanIn(place, model.Shape.ModelWidth, model.Shape.ModelWidth, WeightRole.Head);
        norm = place.Architecture.Norm.Build(place);
        bias = place.Constant(0, model.Shape.Vocabulary);
        detector = new DetectorModule(choice.DetectionHead, place);
        RegisterComponents();
    }

    /// <summary>The auxiliary encoder, both heads, and the logits of the masked places.</summary>
    public static CostSheet Count(Metro choice, Architecture architecture, Shape shape, Setting setting, int asked)
    {
        var place = PlaceOf(architecture, shape);
        double width = shape.ModelWidth, masked = (double)setting.Batch * asked, tokens = (double)setting.Batch * setting.InputLength;
        var stack = ((EncoderDecoder)architecture).Encoder.Count("generator", choice.Layers(shape), place, setting with { Length = setting.InputLength });
        var head = new Cost(
            [new("dense.weight", [shape.ModelWidth, shape.ModelWidth]), new("bias", [shape.Vocabulary])],
            ForwardFlops: 2 * masked * width * (width + shape.Vocabulary), ActivationBytes: 4 * masked * (3 * width + shape.Vocabulary));
        return new("auxiliary", head, [stack, new("norm", architecture.Norm.Count(shape, setting)), DetectorModule.Count(choice.DetectionHead, place, setting, tokens)]);
    }

    public override LossTensors Loss(LanguageModel model, Batch batch, LossOptions options)
    {
        using var scope = NewDisposeScope();
        batch = batch.To(model.Device);
        var (text, valid, marked) = (Text(batch), batch.InputMask, batch.Marked!);
        var rows = marked.reshape(-1).nonzero().view(-1); // [m]
        var asked = text.reshape(-1).index_select(0, rows);
        using var beside = model.Beside();
        using var products = Products.In(model.Precision);
        var guesses = Guesses(model, batch, rows, beside);
        var corrupted = text.reshape(-1).index_copy(0, rows, MetroLosses.Draw(guesses, Uniform(rows.size(0), model.training).to(guesses.device), Forbidden(guesses))).view_as(text);
        var replaced = MetroLosses.Replaced(corrupted, text, valid);

        var target = choice.Target == CorrectiveTarget.Alone ? Alone(text, marked) : text;
        using var pass = model.Traced(corrupted, valid, target);
        var states = pass.States;
        var (read, written) = (states["encoder"][^1], states["decoder"][^1]);
        var detection = detector.forward(read); // [batch, length]
        var counted = choice.Target == CorrectiveTarget.Both ? marked : choice.ExcludeSpecial ? valid.logical_and(text.ne(Tokenizer.End)) : valid;

        var tokens = rows.size(0);
        var generation = MetroLosses.NegativeLogs(guesses, asked).mean();
        var correction = Correction(model, written, target, detection, choice.Target is CorrectiveTarget.Lm or CorrectiveTarget.Both ? rows : target.reshape(-1).ne(0).nonzero().view(-1));
        var found = MetroLosses.Detection(detection, replaced, counted);
        var sum = model.WithLayers(tokens * MetroLosses.Together(choice, generation, correction, found), tokens, pass, beside);
        var result = new LossTensors(sum.MoveToOuterDisposeScope(), (correction.detach() * tokens).MoveToOuterDisposeScope(), tokens)
        {
            Layers = pass.Observed,
            Measures = model.training ? null : Measured(new(generation, found, detection, replaced, counted, marked)),
        };
        foreach (var state in states.Values.SelectMany(stack => stack)) state.Dispose();
        return result;
    }

    /// <summary>The auxiliary encoder's logits of the masked places, [m, vocabulary].</summary>
    private Tensor Guesses(LanguageModel model, Batch batch, Tensor rows, Pass pass)
    {
        using var context = new Context(pass) { KeyMask = batch.InputMask };
        var hidden = generator.forward(model.Table.Look(batch.Inputs, pass), context);
        return model.Predict(norm.forward(dense.forward(hidden.reshape(-1, hidden.size(2)).index_select(0, rows)).relu())) + bias;
    }

    private Tensor Correction(LanguageModel model, Tensor written, Tensor target, Tensor detection, Tensor rows)
    {
        var logits = model.Predict(written.reshape(-1, written.size(2)).index_select(0, rows));
        var logs = MetroLosses.NegativeLogs(logits, target.reshape(-1).index_select(0, rows));
        return MetroLosses.Corrective(logs, choice.TokenWeights == TokenWeights.None ? detection : detection.reshape(-1).index_select(0, rows), choice.TokenWeights);
    }

    private static IReadOnlyDictionary<string, (double Sum, double Count)> Measured(Detected it)
    {
        var (replaced, others, said) = (it.Replaced.logical_and(it.Counted), it.Replaced.logical_not().logical_and(it.Counted), it.Detection.gt(0));
        double Number(Tensor places) => places.sum().item<long>();
        var (masked, counted) = (Number(it.Marked), Number(it.Counted));
        Dictionary<string, (double Sum, double Count)> all = new()
        {
            ["generator-loss"] = (it.Generation.ToDouble() * masked, masked),
            ["detection-loss"] = (it.Found.ToDouble() * counted, counted),
            ["replaced-of-masked"] = (Number(it.Replaced), masked),
            ["replaced"] = (Number(replaced), counted),
            ["recall"] = (Number(said.logical_and(replaced)), Number(replaced)),
            ["specificity"] = (Number(said.logical_not().logical_and(others)), Number(others)),
            ["auc"] = MetroLosses.Ordered(it.Detection, it.Replaced, it.Counted),
        };
        return all.Where(measure => measure.Value.Count > 0).ToDictionary(); // where every masked token was replaced there are no others to judge
    }

    /// <summary>What is drawn with: from torch's generator while training, else the same every time.</summary>
    private static Tensor Uniform(long count, bool training)
    {
        if (training) return rand([count], float64, CPU);
        var stream = RandomStream.For(0, "metro");
        return tensor([.. Enumerable.Range(0, (int)count).Select(_ => stream.Uniform())], device: CPU);
    }

    /// <summary>Pad, sentinels, and rows that are no token: what stands in no text is never drawn.</summary>
    private Tensor Forbidden(Tensor logits)
    {
        var ids = arange(logits.size(1), int64, logits.device);
        return ids.eq(0).logical_or(ids.ge(pieces));
    }

    /// <summary>The masked tokens of each row, moved together, with an end: [batch, most + 1].</summary>
    private static Tensor Alone(Tensor text, Tensor marked)
    {
        var length = text.size(1);
        var (counts, places) = (marked.sum(1, keepdim: true), arange(length + 1, int64, text.device));
        var order = (marked.logical_not().to(int64) * length + arange(length, int64, text.device)).argsort(1); // masked first, in order
        var moved = cat([text.gather(1, order), zeros([text.size(0), 1], int64, text.device)], 1);
        var tokens = moved.masked_fill(places.ge(counts), 0).masked_fill(places.eq(counts), Tokenizer.End);
        return tokens.narrow(1, 0, counts.max().item<long>() + 1);
    }

    private static Tensor Text(Batch batch) => batch.Targets.size(1) == batch.Inputs.size(1) ? batch.Targets
        : throw new InvalidOperationException("METRO's targets are the text itself.");

    private static Place PlaceOf(Architecture architecture, Shape shape, Device? device = null) => new(architecture with { Dropout = 0 }, shape, Device: device);

    private sealed record Detected(Tensor Generation, Tensor Found, Tensor Detection, Tensor Replaced, Tensor Counted, Tensor Marked);
}
