using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Allometry.Kinds;

namespace Allometry.Interchange;

/// <summary>
/// A config.json while a layout reads it. What is wrong is gathered and told at once; so is every field that nobody has asked for and that is not known to leave the
/// numbers as they are: no field is overlooked. A field that is null is one that is not there, as in the reference.
/// </summary>
public sealed class HuggingFaceConfig
{
    // Of transformers' PretrainedConfig and its legacy: provenance, what is returned, heads of other tasks, the tokenizer, and how text is generated (which the verbs decide).
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(StringComparer.Ordinal,
        "model_type", "architectures", "transformers_version", "_name_or_path", "_commit_hash", "_attn_implementation", "attn_implementation", "_attn_implementation_autoset", "auto_map",
        "torch_dtype", "dtype", "torchscript", "use_bfloat16", "use_cache", "gradient_checkpointing", "chunk_size_feed_forward", "tf_legacy_loss", "output_past", "return_dict",
        "output_hidden_states", "output_attentions", "output_scores", "return_dict_in_generate", "model_parallel",
        "id2label", "label2id", "problem_type", "finetuning_task", "task_specific_params", "classifier_dropout",
        "tokenizer_class", "prefix", "bos_token_id", "sep_token_id", "initializer_factor", "initializer_range",
        "max_length", "min_length", "max_new_tokens", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k", "top_p", "typical_p",
        "repetition_penalty", "length_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "forced_bos_token_id",
        "forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens");

    private readonly JsonObject fields;
    private readonly HashSet<string> asked = [];
    private readonly List<Problem> problems = [];

    private HuggingFaceConfig(string path, JsonObject fields) => (Path, this.fields) = (path, fields);

    public string Path { get; }

    public string ModelType => Word("model_type", "");

    /// <summary>Reads the file; one that holds no JSON map is an <see cref="InputException"/>.</summary>
    public static HuggingFaceConfig Read(string path) => new(path, JsonFile.Read(path));

    /// <summary>Fields that are not in a file yet; <paramref name="name"/> stands for it in messages.</summary>
    public static HuggingFaceConfig Of(JsonObject fields, string name) => new(name, JsonNode.Parse(fields.ToJsonString())!.AsObject()); // numbers of the file's one kind

    /// <summary>Whether a field is there.</summary>
    public bool Has(string field) => fields[field] is not null;

    public string Word(string field, string fallback) => Value(field, fallback, "a text", node => node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null) ?? fallback;

    public bool Truth(string field, bool fallback) =>
        Value(field, fallback, "true or false", node => node.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => (bool?)null }) ?? fallback;

    public double Number(string field, double fallback) => Value(field, fallback, "a number", node => IsNumber(node) ? node.GetValue<double>() : (double?)null) ?? fallback;

    /// <summary>A whole number from 1 on, and not beyond <paramref name="most"/>.</summary>
    public int Size(string field, int fallback, int most = 1 << 28) =>
        Value(field, fallback, string.Create(CultureInfo.InvariantCulture, $"a whole number from 1 to {most}"), node => IsNumber(node) && node.GetValue<double>() is var size && size == Math.Floor(size) && size >= 1 && size <= most ? (int)size : (int?)null) ?? fallback;

    /// <summary>A field that changes the numbers and of which only one value is supported; where it is not there it has that value.</summary>
    public void Demand(string field, JsonNode? value)
    {
        asked.Add(field);
        if (fields[field] is { } given && !JsonNode.DeepEquals(given, value) && !(value is null && IsNothing(given))) Wrong(field, $"is {given.ToJsonString()}, which is not supported", value is null ? "take it out" : $"only {value.ToJsonString()} is");
    }

    /// <summary>Fields of this layout that leave the model's numbers as they are.</summary>
    public void Ignore(params ReadOnlySpan<string> unimportant)
    {
        foreach (var field in unimportant) asked.Add(field);
    }

    public void Wrong(string field, string what, string mend) => problems.Add(new(Path, $"field '{field}' {what}", mend));

    /// <summary>An <see cref="InputException"/> with all that was found wrong, if anything was.</summary>
    public void ThrowIfAny()
    {
        foreach (var (field, value) in fields)
            if (value is not null && !asked.Contains(field) && !Harmless.Contains(field))
                Wrong(field, "is not known, and might change the numbers", "take it out if it does not");
        if (problems.Count > 0) throw new InputException(problems);
    }

    private static bool IsNothing(JsonNode node) => node is JsonObject { Count: 0 } or JsonArray { Count: 0 } || node.GetValueKind() == JsonValueKind.False;

    private static bool IsNumber(JsonNode node) => node.GetValueKind() == JsonValueKind.Number;

    private T? Value<T>(string field, T fallback, string wanted, Func<JsonNode, T?> read)
    {
        asked.Add(field);
        if (fields[field] is not { } given) return fallback;
        if (read(given) is { } value) return value;
        Wrong(field, $"is {given.ToJsonString()}, not {wanted}", "correct it");
        return fallback;
    }
}
