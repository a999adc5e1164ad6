namespace Allometry.Text;

/// <summary>
/// Byte strings with numbers, walked byte by byte: a double-array trie (Aoe 1989). The child of a node by byte b is node base + b, if that one says so.
/// Reading is safe for several threads.
/// </summary>
internal sealed class DoubleArray
{
    public const int Root = 0, None = -1;
    private const int Alphabet = 256, Patience = 32;
    private Node[] nodes = new Node[2 * Alphabet];
    private int free = 1; // below it no place is looked for

    public DoubleArray(IEnumerable<(byte[] Key, int Value)> entries)
    {
        Array.Fill(nodes, Node.Empty);
        var sorted = entries.ToArray();
        Array.Sort(sorted, (one, other) => one.Key.AsSpan().SequenceCompareTo(other.Key));
        Grow(Root, sorted, 0);
    }

    /// <summary>The child of a node by a byte, or <see cref="None"/>.</summary>
    public int Step(int node, byte label)
    {
        var child = nodes[node].Base + label;
        return nodes[child].Parent == node ? child : None;
    }

    /// <summary>The number of the key that ends at a node, or <see cref="None"/>.</summary>
    public int ValueAt(int node) => nodes[node].Value;

    // Places what follows the first `depth` bytes of keys that share them.
    private void Grow(int node, ReadOnlySpan<(byte[] Key, int Value)> keys, int depth)
    {
        if (keys.Length > 0 && keys[0].Key.Length == depth)
        {
            nodes[node].Value = keys[0].Value;
            keys = keys[1..];
        }

        var (labels, starts) = Labels(keys, depth);
        if (labels.Count == 0) return;
        var place = Place(labels);
        nodes[node].Base = place;
        foreach (var label in labels) nodes[place + label].Parent = node;
        for (var i = 0; i < labels.Count; i++) Grow(place + labels[i], keys[starts[i]..starts[i + 1]], depth + 1);
    }

    private static (List<byte> Labels, List<int> Starts) Labels(ReadOnlySpan<(byte[] Key, int Value)> keys, int depth)
    {
        var (labels, starts) = (new List<byte>(), new List<int>());
        for (var i = 0; i < keys.Length; i++)
        {
            if (labels.Count > 0 && labels[^1] == keys[i].Key[depth]) continue;
            labels.Add(keys[i].Key[depth]);
            starts.Add(i);
        }

        starts.Add(keys.Length);
        return (labels, starts);
    }

    // The first base at which all labels fall on empty nodes.
    private int Place(List<byte> labels)
    {
        for (var (place, tries) = (Math.Max(1, free - labels[0]), 0); ; place++, tries++)
        {
            if (place + (2 * Alphabet) > nodes.Length) Extend();
            if (!labels.TrueForAll(label => nodes[place + label].Parent == None)) continue;
            if (tries > Patience) free = place + labels[0]; // what lies before is too full to be worth another search
            return place;
        }
    }

    private void Extend()
    {
        var before = nodes.Length;
        Array.Resize(ref nodes, 2 * before);
        Array.Fill(nodes, Node.Empty, before, before);
    }

    private record struct Node(int Base, int Parent, int Value)
    {
        public static readonly Node Empty = new(0, None, None);
    }
}
