using System.Reflection;
using Allometry.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Allometry.Web;

/// <summary>The files of the page: all of them lie in the program. Styles, drawing and plotly.js are those of the reports.</summary>
internal static class Assets
{
    private static readonly (string Path, Assembly From, string Type)[] Files =
    [
        ("page.html", Own, "text/html"), ("page.css", Own, "text/css"), .. new[] { "page.js", "dom.js", "blocks.js", "overview.js", "runs.js", "run.js", "form.js", "start.js" }.Select(name => (name, Own, Script)),
        ("report.css", Reports, "text/css"), ("report.js", Reports, Script), ("plotly.js", Reports, Script),
    ];

    private const string Script = "text/javascript";

    private static Assembly Own => typeof(Assets).Assembly;

    private static Assembly Reports => typeof(Page).Assembly;

    public static void Add(WebApplication application)
    {
        foreach (var (path, from, type) in Files)
        {
            var bytes = Bytes(from, path);
            application.MapGet(path == "page.html" ? "/" : $"/{path}", () => Results.Bytes(bytes, $"{type}; charset=utf-8"));
        }
    }

    private static byte[] Bytes(Assembly from, string name)
    {
        using var stream = from.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly lacks its resource {name}.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
