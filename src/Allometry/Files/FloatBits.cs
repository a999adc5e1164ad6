using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Allometry.Files;

/// <summary>
/// The formats in which weights are stored, as float32 and back: float32 itself, bfloat16 and float16. What was widened is narrowed to the same bits, those of a NaN included;
/// anything else to the nearest number, of two the even one.
/// </summary>
public static class FloatBits
{
    private const uint Sign = 0x8000_0000, Infinity = 0x7F80_0000, Fraction = 0x007F_FFFF;

    public static bool Covers(ScalarType type) => type is ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float16;

    /// <summary>Elements of a type -> as many float32.</summary>
    public static void Widen(ScalarType type, ReadOnlySpan<byte> elements, Span<byte> singles)
    {
        if (type == ScalarType.Float32)
        {
            elements.CopyTo(singles);
            return;
        }
        var halves = MemoryMarshal.Cast<byte, ushort>(elements);
        var wide = MemoryMarshal.Cast<byte, uint>(singles);
        if (type == ScalarType.BFloat16)
            for (var i = 0; i < halves.Length; i++) wide[i] = (uint)halves[i] << 16;
        else
            for (var i = 0; i < halves.Length; i++) wide[i] = OfHalf(halves[i]);
    }

    /// <summary>Float32 -> as many elements of a type.</summary>
    public static void Narrow(ScalarType type, ReadOnlySpan<byte> singles, Span<byte> elements)
    {
        if (type == ScalarType.Float32)
        {
            singles.CopyTo(elements);
            return;
        }
        var wide = MemoryMarshal.Cast<byte, uint>(singles);
        var halves = MemoryMarshal.Cast<byte, ushort>(elements);
        if (type == ScalarType.BFloat16)
            for (var i = 0; i < wide.Length; i++) halves[i] = ToBFloat(wide[i]);
        else
            for (var i = 0; i < wide.Length; i++) halves[i] = ToHalf(wide[i]);
    }

    private static uint OfHalf(ushort half) => (half & 0x7C00) == 0x7C00
        ? ((uint)(half & 0x8000) << 16) | Infinity | ((uint)(half & 0x03FF) << 13)
        : BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf(half));

    private static ushort ToHalf(uint single) => IsNaN(single)
        ? (ushort)(((single & Sign) >> 16) | 0x7C00 | Math.Max((single & Fraction) >> 13, 1))
        : BitConverter.HalfToUInt16Bits((Half)BitConverter.UInt32BitsToSingle(single));

    private static ushort ToBFloat(uint single) => IsNaN(single)
        ? (ushort)(((single & (Sign | Infinity)) >> 16) | Math.Max((single & Fraction) >> 16, 1))
        : (ushort)((single + 0x7FFF + ((single >> 16) & 1)) >> 16);

    private static bool IsNaN(uint single) => (single & ~Sign) > Infinity;
}
