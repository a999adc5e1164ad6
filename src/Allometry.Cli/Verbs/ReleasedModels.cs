using Allometry.Costs;
using Allometry.Models;

namespace Allometry.Cli.Verbs;

/// <summary><c>count --all</c>: every released checkpoint; no numbers where it is not known what was trained.</summary>
internal static class ReleasedModels
{
    public static int Run(Architecture architecture, Setting setting, bool json) =>
        json ? Json.Print(ShapeName.Released.Select(name => Document(name, architecture, setting))) : Print(architecture, setting);

    private static object Document(string name, Architecture architecture, Setting setting) => ShapeName.Unresolved(name) is { } reason
        ? new { Name = name, Resolved = false, Reason = reason }
        : Count(name, architecture, setting) with { Resolved = true };

    private static CountDocument Count(string name, Architecture architecture, Setting setting) =>
        CountDocument.Of(CountedModel.OfShape(ShapeName.Parse(name), architecture), setting);

    private static int Print(Architecture architecture, Setting setting)
    {
        var table = new TextTable("name", "parameters", "without embeddings", "step FLOPs");
        foreach (var name in ShapeName.Released.Where(name => ShapeName.Unresolved(name) is null))
        {
            var count = Count(name, architecture, setting);
            table.Add(name, Figures.Exact(count.Parameters.Total), Figures.Exact(count.Parameters.NonEmbedding), Figures.Short(count.Flops.TrainingStep));
        }
        table.Print(Console.Out);
        Console.WriteLine();
        foreach (var name in ShapeName.Released)
            if (ShapeName.Unresolved(name) is { } reason) Console.WriteLine($"{name}: not known ({reason})");
        return CommandLine.Success;
    }
}
