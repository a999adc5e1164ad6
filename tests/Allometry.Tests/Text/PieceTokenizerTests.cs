using System.Diagnostics;
using System.Text.Json;
using Allometry.Kinds;
using Allometry.Text;
using CsCheck;
using Microsoft.ML.Tokenizers;
using Tokenizer = Allometry.Text.Tokenizer;

namespace Allometry.Tests.Text;

public sealed class PieceTokenizerTests
{
    private static readonly PieceTokenizer T5 = Sources.T5;

    public static IEnumerable<TheoryDataRow<string, int[], string>> References() => File.ReadLines(Sources.Tokenisations).Select(line =>
    {
        using var json = JsonDocument.Parse(line);
        var row = json.RootElement;
        return new TheoryDataRow<string, int[], string>(row.GetProperty("text").GetString()!, [.. row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())], row.GetProperty("decoded").GetString()!);
    });

    [Fact]
    public void It_answers_as_SentencePiece_does()
    {
        var references = References().ToList();
        Assert.Equal(196, references.Count);
        Assert.All(references, reference =>
        {
            var (text, ids, decoded) = reference.Data;
            Assert.Equal(ids, T5.EncodePlain(text));
            Assert.Equal(decoded, T5.Decode(ids));
        });
    }

    [Fact]
    public void The_sizes_are_those_of_T5()
    {
        Assert.Equal((32_000, 100, 32_128), (T5.Pieces, T5.Sentinels, T5.Size));
        Assert.Equal((32_099, 32_000), (T5.Sentinel(0), T5.Sentinel(99)));
        Assert.Throws<ArgumentOutOfRangeException>(() => T5.Sentinel(100));
    }

    [Fact] // the example of the T5 paper, ids as Hugging Face documents them
    public void Sentinels_in_a_text_are_single_ids()
    {
        Assert.Equal([37, 32_099, 10681, 16, 32_098, 2447], T5.Encode("The <extra_id_0> walks in <extra_id_1> park"));
        Assert.Equal("The <extra_id_0> walks in <extra_id_1> park", T5.Decode([37, 32_099, 10681, 16, 32_098, 2447]));
        Assert.DoesNotContain(T5.Encode("<extra_id_100> <extra_id_x> <extra_id_-1> <extra_id_99999999999>"), T5.IsSentinel);
        Assert.DoesNotContain(T5.EncodePlain("<extra_id_0>"), T5.IsSentinel);
    }

    [Fact]
    public void Encoding_word_by_word_changes_nothing()
    {
        using var bytes = new MemoryStream((byte[])[.. File.ReadAllBytes(Sources.Pieces), 0x12, 3, 0xC8, 2, 0]); // trainer_spec { bos_id: 0 }
        var whole = SentencePieceTokenizer.Create(bytes, addBeginningOfSentence: false, addEndOfSentence: false);
        var characters = Gen.OneOf(Gen.Char["abcdetsn"], Gen.Char["  \t\n"], Gen.Char["AZ09.,-<{~"], Gen.Char["éß½ﬁ\u00a0\u00b4\u0301\u200b\u3000漢🎉"], Gen.Char);
        characters.Array[0, 60].Select(text => new string(text)).Sample(text =>
            Assert.Equal(Merged(whole.EncodeToIds(text)), T5.EncodePlain(text)), iter: 3000);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    [InlineData("\0\u0001\u001f")]
    [InlineData("\ud800")]
    [InlineData("a\udc00b \ud800")]
    [InlineData("漢字かな交じり文 ᚠᛇᚻ 𓀀𓀁")]
    public void No_text_is_refused(string text)
    {
        var ids = T5.Encode(text);
        Assert.All(ids, id => Assert.InRange(id, Tokenizer.Unknown, 31_999));
        Assert.NotNull(T5.Decode(ids));
    }

    [Fact]
    public void A_word_of_any_length_takes_time_in_proportion()
    {
        string Word(int length) => string.Create(length, 0, (characters, _) =>
        {
            for (var i = 0; i < characters.Length; i++) characters[i] = (char)('a' + (i * 7919 % 26));
        });
        TimeSpan Time(string word) => Enumerable.Range(0, 5).Min(_ =>
        {
            var clock = Stopwatch.StartNew();
            T5.EncodePlain(word);
            return clock.Elapsed;
        });
        Time(Word(1000));
        Assert.True(Time(Word(128_000)) < 32 * Time(Word(16_000)), "8 times the text took more than 32 times as long");
    }

    [Fact]
    public void Threads_do_not_disturb_each_other()
    {
        var texts = File.ReadLines(Sources.Tokenisations).ToList();
        var alone = new PieceTokenizer(SentencePieceModel.Read(Sources.Pieces), 100);
        Assert.Equal(texts.Select(T5.Encode), texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(alone.Encode).ToList());
    }

    [Fact]
    public void Rows_without_a_piece_read_as_unknown_and_ids_outside_are_refused()
    {
        Assert.Equal(" \u2047 ", T5.Decode([32_127]));
        Assert.Equal("", T5.Decode([Tokenizer.Pad, Tokenizer.End]));
        Assert.Throws<ArgumentOutOfRangeException>(() => T5.Decode([32_128]));
        Assert.Throws<ArgumentOutOfRangeException>(() => T5.Decode([-100]));
    }

    [Fact]
    public void A_file_read_and_written_is_the_same_model()
    {
        var model = SentencePieceModel.Read(Sources.Pieces);
        var again = SentencePieceModel.Parse(model.ToBytes());
        Assert.Equal(model.Pieces, again.Pieces);
        Assert.Equal(T5.Encode("Wie heißt das, ﬁnally?"), new PieceTokenizer(again, 100).Encode("Wie heißt das, ﬁnally?"));
    }

    [Fact]
    public void A_file_that_is_no_vocabulary_is_told()
    {
        using var folder = new Store.TemporaryFolder();
        var cut = Path.Combine(folder.Path, "cut.model");
        File.WriteAllBytes(cut, File.ReadAllBytes(Sources.Pieces)[..100_001]);
        Assert.Contains("not a whole SentencePiece model", Refused(cut), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refused(Path.Combine(folder.Path, "none.model")), StringComparison.Ordinal);
        Assert.Contains("does not begin with the pieces", Refused(folder.File("empty.model", "")), StringComparison.Ordinal);
        Assert.Contains("not a whole SentencePiece model", Refused(folder.File("text.model", "This is just text.")), StringComparison.Ordinal);
    }

    private static string Refused(string path) => Assert.Throws<InputException>(() => new SentencePieceVocabulary(path).Load("")).Message;

    private static IEnumerable<int> Merged(IEnumerable<int> ids)
    {
        var last = -1;
        foreach (var id in ids)
        {
            if (id != Tokenizer.Unknown || last != Tokenizer.Unknown) yield return id;
            last = id;
        }
    }
}
