using System.IO.Compression;
using System.Text;
using Allometry.Kinds;
using Allometry.Text;
using CsCheck;
using CsvHelper;

namespace Allometry.Tests.Text;

public sealed class RowsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rows").FullName;
    private readonly List<Problem> problems = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("a.csv", "text,label\n\" one, \"\"two\"\"\",x\n\"three\nfour\",y\n")]
    [InlineData("a.csv.gz", "text,label\r\n\" one, \"\"two\"\"\",x\r\n\"three\nfour\",y")]
    [InlineData("a.jsonl", "{\"text\": \" one, \\\"two\\\"\", \"label\": \"x\"}\n\n{\"text\": \"three\\nfour\", \"label\": \"y\", \"more\": 1}")]
    public void Cells_arrive_as_written(string name, string content)
    {
        var rows = Rows.Read(Write(name, content), problems.Add).ToList();

        Assert.Equal([" one, \"two\"", "three\nfour"], rows.Select(row => row.Cells["text"]));
        Assert.Equal(["x", "y"], rows.Select(row => row.Cells["label"]));
        Assert.Empty(problems);
    }

    [Fact]
    public void A_tsv_has_no_quoting_and_given_columns_mean_no_header()
    {
        var rows = Rows.Read(Write("a.tsv", "gj04\t1\t\tHe said \"no\n"), problems.Add, new TableForm(Columns: ["source", "label", "mark", "sentence"])).ToList();

        Assert.Equal("He said \"no", Assert.Single(rows).Cells["sentence"]);
        Assert.Equal("", rows[0].Cells["mark"]);
    }

    [Fact]
    public void Whatever_a_csv_writer_writes_is_read_back() =>
        Gen.String[Gen.Char["ab ,\"\n\r\té€"], 0, 8].Array[3].Array[1, 6].Sample(cells =>
        {
            using var text = new StringWriter();
            using (var csv = CsvWriter.Create(text, null, leaveOpen: true))
            {
                csv.WriteRecord(["a", "b", "c"]);
                Array.ForEach(cells, row => csv.WriteRecord(row));
            }

            var read = Rows.Read(Write("a.csv", text.ToString()), problems.Add).Select(row => new[] { row.Cells["a"], row.Cells["b"], row.Cells["c"] });
            Assert.Equal(cells, read);
        }, iter: 100, threads: 1);

    [Fact]
    public void Json_values_that_are_not_text_keep_their_form_and_null_is_left_out()
    {
        var cells = Assert.Single(Rows.Read(Write("a.jsonl", """{"n": 1.50, "b": true, "l": [1, 2], "none": null}"""), problems.Add)).Cells;

        Assert.Equal(("1.50", "true", "[1, 2]"), (cells["n"], cells["b"], cells["l"]));
        Assert.False(cells.ContainsKey("none"));
    }

    [Fact]
    public void Wrong_rows_are_told_with_their_line_and_the_others_are_read()
    {
        var csv = Rows.Read(Write("a.csv", "a,b\n1,2\n\"x\ny\",2\n3\n4,5\n"), problems.Add).ToList();
        var json = Rows.Read(Write("a.jsonl", "{\"a\": 1}\n[1]\n{\"a\": \n"), problems.Add).ToList();

        Assert.Equal([2, 3, 6], csv.Select(row => row.Line));
        Assert.Equal("1", Assert.Single(json).Cells["a"]);
        Assert.Equal(["a.csv:5", "a.jsonl:2", "a.jsonl:3"], problems.Select(p => Path.GetFileName(p.Where)));
        Assert.Contains("1 cells where the table has 2 columns", problems[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_a_file_is_said_in_one_message()
    {
        Assert.Empty(Rows.Read(Write("q.csv", "a,b\n1,2\"3\n\"open,4\n"), problems.Add));
        Assert.Equal(["has a double quote inside a cell", "opens a double quote that is never closed"], problems.Select(p => p.What));
        Refused("none.csv", null, "does not exist");
        Refused("a.xlsx", "a"u8.ToArray(), "not a table");
        Refused("a.csv", "a,a\n"u8.ToArray(), "'a' 2 times");
        Assert.EndsWith("a.csv:3", Refused("a.csv", [.. "a\nb\nc"u8, 0xff, .. "\n"u8], "not UTF-8").Where, StringComparison.Ordinal);
        var zipped = File.ReadAllBytes(Write("whole.csv.gz", "a,b\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i * 7919},{i}\n"))));
        Refused("cut.csv.gz", zipped[..(zipped.Length / 2)], "not a whole gzip file");
    }

    [Fact]
    public void A_question_of_a_story_is_a_row_with_all_that_was_told_before_it()
    {
        var path = Write("qa.txt", "1 Mary went home.\n2 Where is Mary? \thome\t1\n3 John left.\n4 Who left?\tJohn\t3\n1 A dog barks.\n2 What barks?\ta dog\t1\nno number\n");
        var rows = Rows.Read(path, problems.Add, new TableForm(TableFormat.Stories)).ToList();
        Assert.Equal([("Mary went home.", "Where is Mary?", "home"), ("Mary went home. John left.", "Who left?", "John"), ("A dog barks.", "What barks?", "a dog")],
            rows.Select(row => (row.Cells["story"], row.Cells["question"], row.Cells["answer"])));
        Assert.Equal([2, 4, 6], rows.Select(row => row.Line));
        Assert.EndsWith("qa.txt:7", Assert.Single(problems).Where, StringComparison.Ordinal);
    }

    private Problem Refused(string name, byte[]? content, string what)
    {
        var path = Path.Combine(folder, name);
        if (content is not null)
        {
            File.WriteAllBytes(path, content);
        }

        var problem = Assert.Single(Assert.Throws<InputException>(() => Rows.Read(path, problems.Add).Count()).Problems);
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
        return problem;
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(folder, name);
        using Stream file = File.Create(path);
        using var stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Optimal) : file;
        stream.Write(Encoding.UTF8.GetBytes(content));
        return path;
    }
}
