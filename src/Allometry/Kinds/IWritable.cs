using System.Text.Json.Nodes;

namespace Allometry.Kinds;

/// <summary>A type that says itself what its canonical JSON is; what it writes, its <see cref="IReadable{TSelf}"/> must read back.</summary>
public interface IWritable
{
    JsonNode? ToNode();
}
