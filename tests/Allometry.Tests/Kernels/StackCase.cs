using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>One stack by itself, with what its sublayers may look at.</summary>
internal sealed record StackCase(params Sublayer[] Layer)
{
    public Architecture Architecture { get; init; } = new EncoderDecoder();

    public int Width { get; init; } = 20;

    public int Hidden { get; init; } = 37;

    public int HeadWidth { get; init; } = 5;

    public int Heads { get; init; } = 3;

    public int Depth { get; init; } = 1;

    public int Batch { get; init; } = 2;

    public int Length { get; init; } = 7;

    /// <summary>Positions of the encoder's output; 0: there is none.</summary>
    public int Memory { get; init; }

    public bool Causal { get; init; }

    public int Prefix { get; init; }

    /// <summary>Real keys of each row, of the memory where there is one.</summary>
    public int[]? Real { get; init; }

    /// <summary>Whether the real keys are the last ones.</summary>
    public bool PaddedLeft { get; init; }

    /// <summary>Whether the states that go in want a gradient.</summary>
    public bool Differentiated { get; init; } = true;

    /// <summary>Parameters whose name contains this want no gradient.</summary>
    public string? Frozen { get; init; }

    /// <summary>Batches whose gradients are added.</summary>
    public int Batches { get; init; } = 1;

    /// <summary>What the usual bound of rounding is multiplied by.</summary>
    public double Slack { get; init; } = 1;

    public void Agrees()
    {
        using var module = Module();
        Twins.Agree(module, way => Run(way, module), Slack);
    }

    public void AgreesInSinglePrecision()
    {
        using var module = Module();
        Twins.AgreeInSinglePrecision(module, way => Run(way, module), Slack);
    }

    private StackModule Module()
    {
        var shape = new Shape(Width, Hidden, HeadWidth, Heads, 1, 1, 10);
        var module = Twins.Randomised(Stack.Of(Layer).Build("stack", Depth, new Place(Architecture, shape, Causal)), seed: 5);
        foreach (var (_, parameter) in module.named_parameters().Where(pair => Frozen is not null && pair.name.Contains(Frozen))) parameter.requires_grad = false;
        module.train();
        return module;
    }

    private Dictionary<string, Tensor?> Run(Way way, StackModule module)
    {
        var results = new Dictionary<string, Tensor?>();
        for (var i = 0; i < Batches; i++)
        {
            manual_seed(100 + i);
            var x = way.Of(randn(Batch, Length, Width).requires_grad_(Differentiated));
            var memory = Memory == 0 ? null : way.Of(randn(Batch, Memory, Width).requires_grad_(Differentiated));
            using var pass = new Pass { Plain = way.Plain };
            using var context = new Context(pass) { Causal = Causal, Prefix = Prefix, Memory = memory, MemoryMask = memory is null ? null : Mask(), KeyMask = memory is null ? Mask() : null };
            var y = module.forward(x, context);
            Twins.Weighed(y, way).backward();
            results.Add($"output {i}", y);
            results.Add($"gradient of input {i}", x.grad);
            results.Add($"gradient of memory {i}", memory?.grad);
        }
        return results;
    }

    private Tensor? Mask()
    {
        if (Real is null) return null;
        var mask = arange(Memory == 0 ? Length : Memory).unsqueeze(0).lt(tensor(Real).unsqueeze(1)); // [batch, key]
        return PaddedLeft ? mask.flip(1) : mask;
    }
}
