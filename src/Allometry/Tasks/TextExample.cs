namespace Allometry.Tasks;

/// <summary>One row as text in, text out, and the place that it came from (<c>file:line</c>).</summary>
public sealed record TextExample(string Input, string Target, string Where);
