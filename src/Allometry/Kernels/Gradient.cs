using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Where a kernel's backward pass adds to a parameter's gradient. It writes there itself instead of returning a tensor to autograd: products add as they go, nothing is copied,
/// and the gradients of one parameter that is used twice need no third tensor.
/// </summary>
internal static unsafe class Gradient
{
    /// <summary>The gradient of a parameter, and how much of its content a product must keep (0: it is new and not initialised); null where none is wanted.</summary>
    public static float* Of(Tensor parameter, out float keep)
    {
        keep = 1;
        if (!parameter.requires_grad) return null;
        using var present = parameter.grad;
        if (present is not null) return NativeCalls.Floats(present);
        keep = 0;
        using var fresh = empty(parameter.shape, float32);
        parameter.grad = fresh;
        return NativeCalls.Floats(fresh);
    }

    /// <summary>Adds left x right to the gradient of a parameter of that shape.</summary>
    public static void Add(Tensor parameter, Matrix left, Matrix right)
    {
        var gradient = Of(parameter, out var keep);
        if (gradient != null) Blas.Multiply(left, right, new(gradient, left.Rows, right.Columns), keep);
    }

    /// <summary>Adds the rows of a matrix, in their order.</summary>
    public static void AddRows(Tensor parameter, Matrix rows)
    {
        var gradient = Of(parameter, out var keep);
        if (gradient == null) return;
        if (keep == 0) Rows.Sum(rows, gradient);
        else for (var row = 0; row < rows.Rows; row++) Rows.Add(gradient, rows[row], gradient, rows.Columns);
    }
}
