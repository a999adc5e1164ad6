using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Papers.Switch;

/// <summary>Switch at Hugging Face (configuration_switch_transformers.py): T5 of which layers 1, 1 + step, 1 + 2 step, ... (all where step is 1, none where it is 0) have experts, none of them gated.</summary>
[Kind("switch-transformers")]
public sealed partial record SwitchLayout : T5FamilyLayout
{
    protected override string ModelClass => "SwitchTransformersForConditionalGeneration";

    protected override Shape Usual => new(ModelWidth: 768, FeedForwardWidth: 2048, HeadWidth: 64, Heads: 12, EncoderLayers: 12);

    public override ModelDescription Describe(HuggingFaceConfig config)
    {
        config.Demand("router_bias", false);
        config.Demand("router_dtype", "float32");
        config.Ignore("add_router_probs", "router_ignore_padding_tokens", "router_type"); // what is returned; read by nothing (padding is routed); of the first converter
        var plain = base.Describe(config);
        var architecture = (EncoderDecoder)plain.Architecture;
        if (architecture.FeedForward is not DenseFeedForward) config.Wrong(config.Has("is_gated_act") ? "is_gated_act" : "feed_forward_proj", "asks for gated feed-forwards, which this family does not have", "correct it");
        var experts = new SwitchFeedForward(
            config.Size("num_experts", 8, most: 65536), BalanceWeight: config.Number("router_aux_loss_coef", 0.001), ZWeight: config.Number("router_z_loss_coef", 0.001), Jitter: config.Number("router_jitter_noise", 0.01))
        {
            Expert = architecture.FeedForward,
            Capacity = new FixedCapacity(config.Size("expert_capacity", 64)),
        };
        var (encoder, decoder) = (Every(Step(config, "encoder", plain.Shape.EncoderLayers), experts), Every(Step(config, "decoder", plain.Shape.DecoderLayers), experts));
        return plain with { Architecture = architecture with { FeedForward = encoder, Decoder = Step(encoder) == Step(decoder) ? architecture.Decoder : DecoderOf(decoder) } };
    }

    public override JsonObject? Fields(ModelDescription model)
    {
        if (model.Architecture is not EncoderDecoder architecture || architecture.Tied != architecture.Rescaled) return null;
        var (encoder, decoder) = (architecture.FeedForward, architecture.Decoder.Pattern[0].OfType<FeedForwardSublayer>().FirstOrDefault()?.FeedForward ?? architecture.FeedForward);
        if ((ExpertsOf(encoder) ?? ExpertsOf(decoder)) is not { Capacity: FixedCapacity capacity } experts) return null;
        if (base.Fields(model with { Architecture = architecture with { FeedForward = experts.Expert } }) is not { } fields) return null;
        foreach (var field in (string[])["feed_forward_proj", "is_gated_act", "scale_decoder_outputs"]) fields.Remove(field);
        AddStep(fields, "encoder", Step(encoder), model.Shape.EncoderLayers);
        AddStep(fields, "decoder", Step(decoder), model.Shape.DecoderLayers);
        (fields["num_experts"], fields["expert_capacity"]) = (experts.Experts, capacity.Each);
        (fields["router_aux_loss_coef"], fields["router_z_loss_coef"], fields["router_jitter_noise"]) = (experts.BalanceWeight, experts.ZWeight, experts.Jitter);
        (fields["router_bias"], fields["router_dtype"]) = (false, "float32");
        return fields;
    }

    public override IEnumerable<(string What, string Mend)> Hindrances(ModelDescription model)
    {
        if (model.Architecture.FeedForwards.Select(ExpertsOf).FirstOrDefault(experts => experts is not null) is not { } experts) yield break;
        if (experts.Capacity is not FixedCapacity) yield return ("the capacity of its experts is a factor of the tokens, not a number of slots", "take 'capacity: { kind: slots, each: N }': N slots for texts of at most N tokens drop none, as a factor does while not training");
        if (experts.Group is not null) yield return ("rows share the slots of experts", "leave 'group' out");
        if (experts.Tries > 1) yield return ("tokens may ask more experts than one", "leave 'tries' out");
    }

    public override string NameOf(string weight, Architecture architecture)
    {
        // As if it were the one matrix of a plain layer; then what its place is called here.
        var match = ExpertPattern().Match(weight);
        if (!match.Success) return base.NameOf(weight, architecture).Replace(".DenseReluDense.", ".mlp.", StringComparison.Ordinal);
        var (expert, piece) = (match.Groups["expert"], match.Groups["piece"]);
        return base.NameOf($"{match.Groups["mixer"]}.{(piece.Success ? piece.Value : "input")}.weight", architecture)
            .Replace(piece.Success ? ".DenseReluDense." : ".DenseReluDense.wi.", piece.Success ? $".mlp.experts.expert_{expert}." : ".mlp.router.classifier.", StringComparison.Ordinal);
    }

    /// <summary>From one sparse layer to the next.</summary>
    private static int Step(HuggingFaceConfig config, string stack, int layers)
    {
        var (count, field) = (config.Number($"num_sparse_{stack}_layers", 3), $"{stack}_sparse_step");
        if (config.Has($"num_sparse_{stack}_layers") && (count < 0 || count != Math.Floor(count) || count > layers)) config.Wrong($"num_sparse_{stack}_layers", FormattableString.Invariant($"is {count} of {layers} layers"), "give a whole number of them");
        var step = config.Number(field, count >= 1 ? Math.Floor(layers / count) : 0);
        if (step is >= 0 and <= 1024 && step == Math.Floor(step)) return (int)step;
        config.Wrong(field, FormattableString.Invariant($"is {step}"), "give a whole number from 0 to 1024");
        return 0;
    }

    /// <summary>Experts in layers 1, 1 + step, and so on.</summary>
    private static FeedForward Every(int step, SwitchFeedForward experts) => step switch
    {
        0 => experts.Expert,
        1 => experts,
        _ => new InTurnFeedForward { Of = [.. Enumerable.Range(0, step).Select(i => i == 1 ? experts : experts.Expert)] },
    };

    private static int Step(FeedForward choice) => choice switch
    {
        SwitchFeedForward => 1,
        InTurnFeedForward turn => turn.Of.Count,
        _ => 0,
    };

    private static SwitchFeedForward? ExpertsOf(FeedForward choice) => choice as SwitchFeedForward ?? (choice as InTurnFeedForward)?.Of.OfType<SwitchFeedForward>().FirstOrDefault();

    private static Stack DecoderOf(FeedForward choice) => Stack.Of(new SelfAttention(), new CrossAttention(), new FeedForwardSublayer(choice));

    private static void AddStep(JsonObject fields, string stack, int step, int layers)
    {
        fields[$"{stack}_sparse_step"] = step;
        fields[$"num_sparse_{stack}_layers"] = Enumerable.Range(0, layers).Count(i => step == 1 || (step > 1 && i % step == 1));
    }

    [GeneratedRegex(@"^(?<mixer>.+\.mixer)\.(router|experts\.(?<expert>\d+)\.(?<piece>input|output))\.weight$")]
    private static partial Regex ExpertPattern();
}
