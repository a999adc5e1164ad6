using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

public sealed class DataTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_set_is_listed_with_licence_origin_checksums_and_whether_it_is_there()
    {
        var ended = AllometryProcess.RunWith("ALLOMETRY_DATA", folder.Path, folder.Path, "data", "--json");
        var document = JsonDocument.Parse(ended.Output).RootElement;
        var samsum = document.GetProperty("sets").EnumerateArray().Single(set => set.GetProperty("name").GetString() == "samsum");

        Assert.Equal((0, folder.Path), (ended.Code, document.GetProperty("folder").GetString()));
        Assert.Equal(("CC BY-NC-ND 4.0", false, "absent"), (samsum.GetProperty("licence").GetString(), samsum.GetProperty("redistributable").GetBoolean(), samsum.GetProperty("state").GetString()));
        Assert.Equal("87435401b12534a69e8df263023ae6d9e3651b2b1ac419ff9918b4aae04201e3", samsum.GetProperty("files")[0].GetProperty("sha256").GetString());
    }

    [Fact]
    public void A_copy_that_is_another_file_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "mine"));
        File.WriteAllText(Path.Combine(folder.Path, "mine", "samsum.zip"), "not it");
        var ended = AllometryProcess.RunWith("ALLOMETRY_DATA", Path.Combine(folder.Path, "data"), folder.Path, "data", "samsum", "--from", Path.Combine(folder.Path, "mine"));

        Assert.Equal((1, ""), (ended.Code, ended.Output));
        Assert.Contains("is not the file that 'samsum' means", ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "data")));
    }

    [Fact]
    public void Of_a_recipe_whose_tables_are_not_there_each_is_named_once_and_a_folder_that_is_not_there_instead_of_all()
    {
        string[] Told(string data) => AllometryProcess.RunWith("ALLOMETRY_DATA", data, folder.Path, "plan", Path.Combine(AllometryProcess.Repository, "recipes", "metro-t0", "metro.yaml")).Error.Trim().Split('\n');

        var tables = Told(folder.Path);
        Assert.InRange(tables.Length, 30, 200);
        Assert.All(tables, line => Assert.StartsWith(folder.Path, line, StringComparison.Ordinal));
        Assert.Equal(tables.Length, tables.Select(line => line.Split(": ")[0]).Distinct().Count());

        var absent = Path.Combine(folder.Path, "absent");
        Assert.Equal($"{absent}: there is no such folder, and {tables.Length} files of this recipe should lie in it; set ALLOMETRY_DATA to the folder that holds them; 'allometry data' says what belongs there and where it is to be had", Assert.Single(Told(absent)));
    }

    [Fact]
    public void The_table_names_every_set_and_the_folder()
    {
        var ended = AllometryProcess.RunWith("ALLOMETRY_DATA", folder.Path, folder.Path, "data");
        Assert.Equal(0, ended.Code);
        Assert.Contains("https://nyu-mll.github.io/CoLA", ended.Output, StringComparison.Ordinal);
        Assert.Contains(folder.Path, ended.Output, StringComparison.Ordinal);
    }
}
