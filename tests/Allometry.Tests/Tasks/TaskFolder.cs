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
        string[] Here(IEnumerable<string> paths) => [.. paths.Select(path => path.Replace("$ALLOMETRY_DATA", Root, StringComparison.Ordinal))];
        return task with { Files = task.Files with { Train = Here(task.Files.Train), Validation = Here(task.Files.Validation!) } };
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
