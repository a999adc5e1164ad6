using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Root-mean-square normalisation from library operations: x * rsqrt(mean(x^2) + epsilon) * scale.</summary>
public static class RmsNorm
{
    /// <summary>x [..., width], scale [width].</summary>
    public static Tensor Plain(Tensor x, Tensor scale, double epsilon) =>
        x * rsqrt(x.square().mean([-1], keepdim: true) + epsilon) * scale;
}
