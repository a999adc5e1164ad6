namespace Allometry.Kinds;

/// <summary>A place in a text, counted from 1; line 0 where only the file, or the path inside a JSON document, is known.</summary>
public sealed record Position(string File, int Line = 0, int Column = 0)
{
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
