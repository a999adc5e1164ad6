using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Where one backward pass of a kernel puts the gradients of its weights. By default they are given to autograd, as any operation's are. Inside <see cref="InPlace"/> those of leaves are added
/// to their <c>.grad</c> at once: products add as they go, nothing is copied, and a weight that is used twice needs no third tensor.
/// </summary>
internal sealed unsafe class Gradients
{
    [ThreadStatic]
    private static bool inPlace;

    private readonly List<(Tensor Weight, Tensor Gradient)> made = [];

    /// <summary>Whether the calling thread is inside <see cref="InPlace"/>.</summary>
    public static bool AreInPlace => inPlace;

    /// <summary>Until it is disposed the calling thread differentiates each graph once and with <c>backward()</c> alone, for whose leaves nobody asks autograd itself.</summary>
    public static IDisposable InPlace() => new Stretch();

    /// <summary>Adds left x right to the gradient of a weight of that shape.</summary>
    public void Add(Tensor weight, Matrix left, Matrix right)
    {
        var gradient = At(weight, out var keep);
        if (gradient != null) Blas.Multiply(left, right, new(gradient, left.Rows, right.Columns), keep);
    }

    /// <summary>Adds the rows of a matrix, in their order.</summary>
    public void AddRows(Tensor weight, Matrix rows)
    {
        var gradient = At(weight, out var keep);
        if (gradient == null) return;
        if (keep == 0) Rows.Sum(rows, gradient);
        else for (var row = 0; row < rows.Rows; row++) Rows.Add(gradient, rows[row], gradient, rows.Columns);
    }

    /// <summary>The gradient of a weight, and how much of its content a product must keep (0: it is new and not initialised); null where none is wanted.</summary>
    public float* At(Tensor weight, out float keep)
    {
        keep = 1;
        if (!weight.requires_grad) return null;
        if (Of(weight) is { } begun) return NativeCalls.Floats(begun);
        using var present = AddsTo(weight) ? weight.grad : null;
        if (present is not null && NativeCalls.Reaches(present)) return NativeCalls.Floats(present);
        keep = 0;
        var fresh = empty(weight.shape, float32);
        var address = NativeCalls.Floats(fresh);
        Give(weight, fresh);
        return address;
    }

    /// <summary>Takes over a whole gradient that was made elsewhere.</summary>
    public void Add(Tensor weight, Tensor gradient)
    {
        using var present = AddsTo(weight) ? weight.grad : null;
        if (present is null)
        {
            Give(weight, gradient);
            return;
        }
        using var still = no_grad();
        present.add_(gradient);
        gradient.Dispose();
    }

    /// <summary>What autograd is to be given for a weight; null where nothing is wanted or it has been added already.</summary>
    public Tensor? Of(Tensor? weight) => made.Find(pair => ReferenceEquals(pair.Weight, weight)).Gradient;

    private static bool AddsTo(Tensor weight) => inPlace && weight.is_leaf;

    private void Give(Tensor weight, Tensor gradient)
    {
        if (!AddsTo(weight) || HasOther(weight))
        {
            made.Add((weight, gradient));
            return;
        }
        weight.grad = gradient;
        gradient.Dispose();
    }

    /// <summary>Whether there is a gradient that kernels cannot write to: autograd adds to it.</summary>
    private static bool HasOther(Tensor weight)
    {
        using var present = weight.grad;
        return present is not null;
    }

    private sealed class Stretch : IDisposable
    {
        private readonly bool before = inPlace;

        public Stretch() => inPlace = true;

        public void Dispose() => inPlace = before;
    }
}
