using Allometry.Kinds;
using CsCheck;

namespace Allometry.Tests.Kinds;

/// <summary>Whatever a person writes, the reader answers with a value or with an <see cref="InputException"/>.</summary>
public class ReaderFuzzTests
{
    static ReaderFuzzTests() => Catalogue.Add(typeof(Farm).Assembly);

    private const string Valid = """
        title: &t "Home"
        beasts:
          - hare
          - { kind: hare, speed: 1e1, fur: snow-white }
          - kind: tortoise
            age: 2k
            rider: { kind: tortoise, age: 3, name: *t }
            nap: 90s
        stock: { hay: 4_096, straw: 3 }
        burrow: { from: deep, exits: 3 }
        tags: [a, 'b', |-]
        acres: 16M
        """;

    private static readonly Gen<char> Mark = Gen.Char[":-?{}[]|>&*!%@#,'\"\\ \n\t\r~<=0aé\0\u0085\u2028\uFEFF\uD800\uDC00`"];

    private static readonly string[] Words =
    [
        "title", "beasts", "kind", "hare", "tortoise", ": ", "- ", "? ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ", ", "&a ", "*a", "<<: ", "!!str ", "! ", "!<x> ", "|", ">-", "'", "\"", "\\x", "---\n", "...\n", "%YAML 1.2\n", "# c\n", "null", "1e9", "\t", "\0", "é",
    ];

    private static readonly Gen<string> Word = Gen.Int[0, Words.Length - 1].Select(i => Words[i]);

    [Fact]
    public void Random_marks_never_crash_the_reader() => Mark.Array[0, 60].Sample(marks => Answers(new string(marks)), iter: 3_000);

    [Fact]
    public void Random_words_of_YAML_never_crash_the_reader() => Word.Array[0, 30].Sample(words => Answers(string.Concat(words)), iter: 3_000);

    [Fact]
    public void One_edit_to_a_valid_document_never_crashes_the_reader()
    {
        Assert.Equal(3, Reader.Read<Farm>(Valid.Replace("|-", "c", StringComparison.Ordinal), "valid").Beasts.Count);

        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Int[0, 3], Mark).Sample((at, removed, mark) =>
            Answers(Valid[..at] + mark + Valid[Math.Min(Valid.Length, at + removed)..]), iter: 3_000);
    }

    [Fact]
    public void One_edit_to_valid_JSON_never_crashes_the_reader()
    {
        var json = Canonical.Json(Reader.Read<Farm>(Valid.Replace("|-", "c", StringComparison.Ordinal), "valid"));

        Gen.Select(Gen.Int[0, json.Length - 1], Gen.Int[0, 3], Mark).Sample((at, removed, mark) =>
            Answers(() => Canonical.Parse<Farm>(json[..at] + mark + json[Math.Min(json.Length, at + removed)..])), iter: 3_000);
    }

    private static bool Answers(string yaml) => Answers(() => Reader.Read<Farm>(yaml, "fuzz"));

    private static bool Answers(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (InputException e)
        {
            return e.Problems.Count > 0 && e.Problems.All(problem => problem.Where.Length > 0 && problem.What.Length > 0);
        }
    }
}
