using System.Text.Json.Nodes;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Tasks;

namespace Allometry.Tests.Tasks;

/// <summary>A folder with a recipe's tables in it, gone when disposed.</summary>
internal sealed class TaskFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("task").FullName;

    public TaskFolder Write(string name, string content)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return this;
    }

    public TextTask Task(string yaml) => DataFiles.Located(Reader.Read<TextTask>(yaml, "recipe.yaml"), Root);

    public TaskData Load(string yaml) => TaskData.Load(Task(yaml));

    /// <summary>A ready task that reads this folder in place of the data folder.</summary>
    public TextTask Ready(string name)
    {
        var task = Reader.Read<TextTask>(name, "recipe.yaml");
        return DataFiles.Select(task, path => path.Replace("$ALLOMETRY_DATA", Root, StringComparison.Ordinal));
    }

    /// <summary>A ready task all of whose files hold these rows, in the form in which they are published.</summary>
    public TextTask Publish(string name, IReadOnlyList<JsonNode> rows)
    {
        var task = Ready(name);
        foreach (var path in DataFiles.In(task)) PublishedFiles.Write(path, PublishedFiles.Of(name, rows));
        return task;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
