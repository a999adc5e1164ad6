using Allometry.Kinds;
using Parquet;
using Parquet.Schema;

namespace Allometry.Text;

/// <summary>A text column of a parquet file, one row group in memory at a time.</summary>
internal static class ParquetText
{
    /// <summary>The cells in order, null ones left out. A damaged file is an <see cref="InvalidDataException"/>.</summary>
    public static IEnumerable<string> Column(string name, Stream content, string? field)
    {
        var (reader, column) = Guarded(() => Open(name, content, field));
        try
        {
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                foreach (var cell in Guarded(() => Read(reader, group, column)))
                {
                    if (cell is not null) yield return cell;
                }
            }
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    // The library calls a text ReadOnlyMemory<char>.
    private static (ParquetReader Reader, DataField Column) Open(string name, Stream content, string? field)
    {
        var reader = ParquetReader.CreateAsync(content.CanSeek ? content : Copy(content)).GetAwaiter().GetResult();
        var columns = reader.Schema.GetDataFields().Where(column => column.ClrType == typeof(ReadOnlyMemory<char>) && !column.IsArray).ToList();
        var known = columns.Select(column => column.Path.ToString()).ToList();
        var wanted = TextFormat.Field(field, known, name);
        return (reader, columns[known.IndexOf(wanted)]);
    }

    private static string?[] Read(ParquetReader reader, int group, DataField column)
    {
        using var rows = reader.OpenRowGroupReader(group);
        var cells = new string?[checked((int)rows.RowCount)];
        rows.ReadAsync(column, cells.AsMemory()!).AsTask().GetAwaiter().GetResult();
        return cells;
    }

    private static MemoryStream Copy(Stream content)
    {
        var copy = new MemoryStream();
        content.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }

    // The library meets damaged bytes with whatever its decoders happen to throw.
    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not InputException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
