namespace Allometry.Kinds;

/// <summary>One thing that is wrong: where (<c>file:line:column</c>, a path or an <c>--option</c>), what, and how to mend it.</summary>
public sealed record Problem(string Where, string What, string Mend)
{
    public override string ToString() => Mend.Length == 0 ? $"{Where}: {What}" : $"{Where}: {What}; {Mend}";
}
