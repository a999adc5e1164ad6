using System.Text;
using Microsoft.Data.Sqlite;

namespace Allometry.EndToEnd.Tests;

/// <summary>A store or a model that cannot be read is told in a sentence and left as it is.</summary>
public sealed class BadStoreTests(UndisturbedRun undisturbed) : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("rubbish", "cannot be read")]
    [InlineData("cut", "cannot be read")]
    [InlineData("foreign", "a database of another program")]
    [InlineData("newer", "newer Allometry")]
    public void A_store_of_which_the_database_is(string what, string says)
    {
        var database = folder.At("store", "study.db");
        Directory.CreateDirectory(folder.At("store"));
        Make(what, database);
        var before = File.ReadAllBytes(database);
        foreach (var arguments in (string[][])[["status", folder.At("store"), "--json"], ["report", folder.At("store")], ["serve", folder.At("store"), "--port", "0", "--json"], ["export", folder.At("store"), "--csv", folder.At("x.csv"), "--json"], ["run", folder.Recipe(), "--store", folder.At("store"), "--json"]])
        {
            var ended = AllometryProcess.Run(folder.Path, arguments);
            ended.HasEndedWith(1);
            Assert.Equal("", ended.Output);
            Assert.Contains(says, ended.Error, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllBytes(database));
        }
    }

    [Fact]
    public void A_store_of_another_study_is_refused_and_left_as_it_is()
    {
        var before = File.ReadAllBytes(Path.Combine(undisturbed.Store, "report", "report.json"));
        var ended = AllometryProcess.Run(folder.Path, "run", folder.Recipe(("name: smoke", "name: another")), "--store", undisturbed.Store, "--json");
        ended.HasEndedWith(1);
        Assert.Contains("it holds the study 'smoke', and this recipe's is 'another'", ended.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(undisturbed.Store, "report", "report.json")));
    }

    [Fact]
    public void A_store_whose_place_is_taken_by_a_file()
    {
        var ended = AllometryProcess.Run(folder.Path, "run", folder.Recipe(), "--store", folder.Write("store", "a file"), "--json");
        ended.HasEndedWith(1);
        Assert.Contains("give a folder that can be written", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.safetensors", "cut short", "generate", "evaluate")]
    [InlineData("model.json", "", "generate", "evaluate", "count")]
    [InlineData("vocabulary.json", "", "generate", "evaluate")]
    public void A_model_of_which_a_file_is_cut_short(string file, string says, params string[] verbs)
    {
        var model = folder.At("model");
        Directory.CreateDirectory(model);
        foreach (var whole in Directory.EnumerateFiles(undisturbed.Model)) File.Copy(whole, Path.Combine(model, Path.GetFileName(whole)));
        Cut(Path.Combine(model, file));
        foreach (var verb in verbs)
        {
            string[] more = verb switch { "generate" => ["--text", "x"], "evaluate" => ["--tasks", Tasks()], _ => [] };
            var ended = AllometryProcess.Run(folder.Path, [verb, model, "--json", .. more]);
            ended.HasEndedWith(1);
            Assert.Equal("", ended.Output);
            Assert.Contains(Path.Combine(model, file), ended.Error, StringComparison.Ordinal);
            Assert.Contains(says, ended.Error, StringComparison.Ordinal);
        }
    }

    private string Tasks()
    {
        var yaml = File.ReadAllLines(folder.Recipe());
        var (first, last) = (Array.FindIndex(yaml, line => line.TrimStart() == "tasks:"), Array.FindIndex(yaml, line => line.StartsWith("seeds:", StringComparison.Ordinal)));
        return folder.Write("tasks.yaml", string.Join('\n', yaml[first..last].Select(line => line[4..])));
    }

    private static void Make(string what, string database)
    {
        if (what == "rubbish") File.WriteAllText(database, new string('x', 5000), Encoding.ASCII);
        else if (what == "foreign") Execute(database, "create table other (a integer)");
        else Execute(database, $"pragma application_id = {0x414C4C4F}; create table facts (name text); pragma user_version = 99; create table large as with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) select * from n");
        if (what == "cut") Cut(database);
    }

    private static void Execute(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void Cut(string path)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(file.Length / 2);
    }
}
