namespace Allometry.Kinds;

/// <summary>Names that become a part of a measure's name, as "area" in "area/accuracy".</summary>
internal static class PartName
{
    /// <param name="of">What it should name, in words.</param>
    /// <param name="never">Characters that other parts are told apart by.</param>
    public static IEnumerable<(string? Member, string What, string Mend)> Check(string member, string name, string of, string never = "/")
    {
        if (name.Length == 0 || name.IndexOfAny(never.ToCharArray()) >= 0)
            yield return (member, $"'{name}' cannot name {of}", $"give one or more characters without {string.Join(" and ", never.Select(one => $"'{one}'"))}");
    }
}
