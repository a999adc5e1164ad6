using System.Text.Json;

namespace Allometry.Kinds;

/// <summary>Values that Allometry itself wrote as JSON.</summary>
public static class StoredJson
{
    /// <summary>The value; what is cut short or damaged is an <see cref="InputException"/> that says <paramref name="where"/>.</summary>
    public static T Read<T>(string json, string where, string mend) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json) ?? throw new InputException(where, "is empty", mend);
        }
        catch (JsonException)
        {
            throw new InputException(where, "is cut short or damaged", mend);
        }
    }
}
