using System.Buffers.Binary;
using System.Text;

namespace Allometry.Native;

/// <summary>
/// The symbol versions that a 64-bit little-endian ELF file requires of other libraries (section .gnu.version_r, System V ABI / LSB "Symbol Versioning").
/// Throws <see cref="BadImageFormatException"/> for anything else.
/// </summary>
public sealed class ElfVersions
{
    private const int LoadSegment = 1, DynamicSegment = 2;
    private const ulong StringTable = 5, Requirements = 0x6ffffffe, RequirementCount = 0x6fffffff;

    private readonly byte[] image;
    private readonly List<Entry> entries = [];

    public ElfVersions(byte[] image)
    {
        this.image = image;
        try
        {
            Read();
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new BadImageFormatException("The ELF file is cut short.");
        }
    }

    /// <summary>The required version names, such as GLIBCXX_3.4.30, in file order.</summary>
    public IReadOnlyList<string> Required => [.. entries.Select(entry => entry.Version)];

    /// <summary>True if the stored hash of every requirement is the hash of its name, as the dynamic linker demands.</summary>
    public bool Consistent => entries.TrueForAll(entry => Word(entry.Offset) == Hash(entry.Version));

    /// <summary>
    /// Replaces, in the image itself, the requirement <paramref name="from"/> by <paramref name="to"/>, which the file must already require of the same library
    /// (so that its name is in the string table). Returns whether there was something to replace.
    /// </summary>
    public bool Replace(string from, string to)
    {
        var index = entries.FindIndex(entry => entry.Version == from);
        if (index < 0) return false;
        var old = entries[index];
        var other = entries.Find(entry => entry.Version == to && entry.Library == old.Library);
        if (other is null) return false;
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(old.Offset), Hash(to));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(old.Offset + 8), Word(other.Offset + 8));
        entries[index] = old with { Version = to };
        return true;
    }

    private void Read()
    {
        if (image.Length < 64 || Word(0) != 0x464c457f || image[4] != 2 || image[5] != 1) throw new BadImageFormatException("Not a 64-bit little-endian ELF file.");
        var dynamic = Dynamic();
        if (!dynamic.TryGetValue(Requirements, out var address)) return;
        var strings = FileOffset(dynamic[StringTable]);
        var library = FileOffset(address);
        for (var left = dynamic[RequirementCount]; left > 0; left--)
        {
            ReadLibrary(library, strings);
            library += (int)Word(library + 12);
        }
    }

    private void ReadLibrary(int library, int strings)
    {
        var name = Text(strings + (int)Word(library + 4));
        var entry = library + (int)Word(library + 8);
        for (int left = Half(library + 2); left > 0; left--)
        {
            entries.Add(new Entry(entry, name, Text(strings + (int)Word(entry + 8))));
            entry += (int)Word(entry + 12);
        }
    }

    private Dictionary<ulong, ulong> Dynamic()
    {
        var tags = new Dictionary<ulong, ulong>();
        foreach (var segment in Segments(DynamicSegment))
            for (var offset = (int)Long(segment + 8); Long(offset) != 0; offset += 16)
                tags[Long(offset)] = Long(offset + 8);
        return tags;
    }

    private int FileOffset(ulong address)
    {
        foreach (var segment in Segments(LoadSegment))
        {
            ulong start = Long(segment + 16), length = Long(segment + 32);
            if (address >= start && address - start < length) return (int)(Long(segment + 8) + address - start);
        }
        throw new BadImageFormatException("The ELF file refers to an address that no segment holds.");
    }

    private IEnumerable<int> Segments(int type)
    {
        int first = (int)Long(0x20), size = Half(0x36), count = Half(0x38);
        return Enumerable.Range(0, count).Select(i => first + i * size).Where(segment => Word(segment) == type);
    }

    /// <summary>The hash function of the ELF specification.</summary>
    private static uint Hash(string name)
    {
        uint hash = 0;
        foreach (var character in name)
        {
            hash = (hash << 4) + character;
            var high = hash & 0xf0000000;
            hash = (hash ^ high >> 24) & ~high;
        }
        return hash;
    }

    private ushort Half(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(offset));

    private uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(offset));

    private ulong Long(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(offset));

    private string Text(int offset)
    {
        var rest = image.AsSpan(offset);
        return Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
    }

    /// <summary>One Elf64_Vernaux: hash at +0, name at +8, next at +12.</summary>
    private sealed record Entry(int Offset, string Library, string Version);
}
