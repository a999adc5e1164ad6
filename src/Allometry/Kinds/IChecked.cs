namespace Allometry.Kinds;

/// <summary>A record with rules between or beyond its members' types; the reader asks once it is built and reports at the member's place in the file.</summary>
public interface IChecked
{
    /// <summary>Each breach: the C# name of the member (null: the record as a whole), what is wrong, and how to mend it.</summary>
    IEnumerable<(string? Member, string What, string Mend)> Check();
}
