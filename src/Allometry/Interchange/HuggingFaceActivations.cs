using Allometry.Models;

namespace Allometry.Interchange;

/// <summary>transformers' names of our activations (activations.py, ACT2FN); the first name of one is written.</summary>
internal static class HuggingFaceActivations
{
    public static IReadOnlyList<(string Name, Activation Activation)> All { get; } =
        [("relu", new Relu()), ("gelu_new", new Gelu()), ("gelu_pytorch_tanh", new Gelu()), ("gelu", new ExactGelu()), ("silu", new Silu()), ("swish", new Silu())];

    public static string? NameOf(Activation activation) => All.FirstOrDefault(known => known.Activation == activation).Name;

    /// <summary>The activation that a field names; another goes to the config as wrong.</summary>
    public static Activation Read(HuggingFaceConfig config, string field, string fallback)
    {
        var name = config.Word(field, fallback);
        if (All.FirstOrDefault(known => known.Name == name).Activation is { } activation) return activation;
        config.Wrong(field, $"asks for the activation '{name}', which is not supported", $"known are {string.Join(", ", All.Select(known => known.Name))}");
        return new Relu();
    }
}
