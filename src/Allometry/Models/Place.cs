using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>Where a piece stands in the tree: what it may ask of the whole when it is counted or built.</summary>
/// <param name="Architecture">The choices that the pieces share: dropout, norm, initialisation.</param>
/// <param name="Causal">Whether a position of this stack sees only those before it.</param>
/// <param name="Cross">Whether keys and values come from the encoder.</param>
/// <param name="Layer">The number of the layer in its stack.</param>
/// <param name="Device">Where weights are allocated; null: torch's default.</param>
public sealed record Place(Architecture Architecture, Shape Shape, bool Causal = false, bool Cross = false, int Layer = 0, Device? Device = null)
{
    /// <summary>A new weight with its first values, float32; the module that registers it owns it.</summary>
    public Parameter Weight(Beginning beginning, params long[] sizes)
    {
        using var still = no_grad();
        var values = empty(sizes, float32, Device);
        Architecture.Initialisation.Fill(values, beginning);
        return (Parameter)new Parameter(values).DetachFromDisposeScope();
    }
    /// <summary>A new weight that starts at one value, whatever the initialisation says of others.</summary>
    public Parameter Constant(double value, params long[] sizes)
    {
        using var still = no_grad();
        return (Parameter)new Parameter(full(sizes, value, float32, Device)).DetachFromDisposeScope();
    }
}
