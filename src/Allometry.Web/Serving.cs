namespace Allometry.Web;

/// <summary>What is served, and where.</summary>
/// <param name="Store">Folder of the store that the page opens with.</param>
/// <param name="Port">Of 127.0.0.1; 0 takes any free one.</param>
/// <param name="Program">How the executable is started, for what the page lets a person do: its file, with words before the verb where it needs some.</param>
/// <param name="Folder">Where recipes are looked for and written, and where new studies have their stores.</param>
public sealed record Serving(string Store, int Port, IReadOnlyList<string> Program, string Folder);
