using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Allometry.Text;

/// <summary>
/// The one source of chance in Allometry outside libtorch: xoshiro256** (Blackman and Vigna, 2018), started from the SHA-256 of its keys,
/// so that a stream depends on nothing but (seed, purpose, index), on every machine and in every version of .NET.
/// Ask for a stream by key where it is needed rather than passing one along: then nothing has to be saved to resume.
/// </summary>
public sealed class RandomStream
{
    private readonly ulong[] state;

    /// <summary>Starts from a raw state, which must not be all zero.</summary>
    public RandomStream(ulong a, ulong b, ulong c, ulong d) => state = [a, b, c, d];

    /// <summary>The stream of a purpose, and of one index or several within it.</summary>
    public static RandomStream For(long seed, string purpose, params ReadOnlySpan<long> index)
    {
        var name = Encoding.UTF8.GetBytes(purpose);
        var key = new byte[(8 * (2 + index.Length)) + name.Length];
        BinaryPrimitives.WriteInt64LittleEndian(key, seed);
        BinaryPrimitives.WriteInt64LittleEndian(key.AsSpan(8), index.Length);
        for (var i = 0; i < index.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(key.AsSpan(16 + (8 * i)), index[i]);
        }

        name.CopyTo(key, 16 + (8 * index.Length));
        var hash = SHA256.HashData(key);
        return new RandomStream(Word(hash, 0), Word(hash, 8), Word(hash, 16), Word(hash, 24));
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(state[1] * 5, 7) * 9;
        var shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = BitOperations.RotateLeft(state[3], 45);
        return result;
    }

    /// <summary>A whole number in [0, bound), every one equally likely (Lemire's rejection, 2019).</summary>
    public long Below(long bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (ulong)bound;
        var rejected = (0 - range) % range;
        while (true)
        {
            var high = Math.BigMul(Next(), range, out var low);
            if (low >= rejected) return (long)high;
        }
    }

    public int Below(int bound) => (int)Below((long)bound);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1L << 53));

    /// <summary>A number of the standard normal distribution (Box and Muller 1958).</summary>
    public double Normal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform()));
        return radius * Math.Cos(2 * Math.PI * Uniform());
    }

    /// <summary>Puts the items in an order of which each is equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>0 to <paramref name="count"/> - 1 in such an order.</summary>
    public int[] Permutation(int count)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        Shuffle(all.AsSpan());
        return all;
    }

    private static ulong Word(byte[] hash, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(hash.AsSpan(offset));
}
