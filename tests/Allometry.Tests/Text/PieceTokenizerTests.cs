using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Tests.Store;
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

    [Fact] // sentinels, control characters, unknown scripts, very long words, nothing at all, and mixtures drawn at random; ids by SentencePiece 0.2.1
    public void It_answers_as_SentencePiece_does_to_texts_that_nobody_writes()
    {
        var lines = File.ReadLines(Path.Combine(Path.GetDirectoryName(Sources.Tokenisations)!, "generated-texts.jsonl")).ToList();
        Assert.Equal(400, lines.Count);
        Assert.All(lines, line =>
        {
            using var row = JsonDocument.Parse(line);
            Assert.Equal(row.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), T5.EncodePlain(row.RootElement.GetProperty("text").GetString()!));
        });
    }

    public static IEnumerable<TheoryDataRow<string, TextUnit, int, long, string>> Corpora() =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(Sources.Tokenisations)!, "corpora.jsonl")).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            var row = json.RootElement;
            return new TheoryDataRow<string, TextUnit, int, long, string>(row.GetProperty("file").GetString()!, Enum.Parse<TextUnit>(row.GetProperty("unit").GetString()!, ignoreCase: true),
                row.GetProperty("documents").GetInt32(), row.GetProperty("tokens").GetInt64(), row.GetProperty("sha256").GetString()!);
        });

    [Theory] // ids by SentencePiece 0.2.1; the hash is of count and ids of each document, as 32-bit numbers
    [MemberData(nameof(Corpora))]
    public void It_answers_as_SentencePiece_does_over_whole_corpora(string file, TextUnit unit, int documents, long tokens, string hash)
    {
        var path = Path.Combine(file.StartsWith("data/", StringComparison.Ordinal) ? Sources.Root : DataFolder.Root, file);
        Assert.SkipUnless(File.Exists(path), $"{path} is not there: set {DataFolder.Variable} to the folder that holds it.");
        var ids = new Corpus([path], MaxDocuments: documents, Unit: unit).Documents().AsParallel().AsOrdered().Select(T5.EncodePlain).ToList();
        Assert.Equal((documents, tokens), (ids.Count, ids.Sum(document => (long)document.Length)));
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var document in ids) sha.AppendData(MemoryMarshal.AsBytes<int>([document.Length, .. document]));
        Assert.Equal(hash, Convert.ToHexStringLower(sha.GetHashAndReset()));
    }

    [Fact] // so much text that the score before a word is in the millions, where single precision no longer tells close pieces apart
    public void What_is_remembered_of_a_word_does_not_decide_where_rounding_does()
    {
        var random = new Random(3);
        var words = Enumerable.Range(0, 40).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 14)).Select(_ => "aeinorst"[random.Next(8)])])).ToList();
        var text = string.Join(' ', Enumerable.Range(0, 60_000).Select(_ => words[random.Next(words.Count)]));
        var model = SentencePieceModel.Read(Sources.Pieces);
        var joined = new PieceTokenizer(model.With([.. model.Pieces, new Piece("\u2581never\u2581met", -20)]), 100); // a piece over a space: nothing is remembered
        Assert.Equal(joined.EncodePlain(text), T5.EncodePlain(text));
    }

    [Fact]
    public void A_model_without_rules_leaves_every_character_as_it_is()
    {
        var pieces = SentencePieceModel.Read(Sources.Pieces).Pieces;
        var bare = new PieceTokenizer(SentencePieceModel.Parse([]).With(pieces), 100);
        Assert.Equal(T5.EncodePlain(" The  ﬁrst"), T5.EncodePlain("The first"));
        Assert.Equal(T5.EncodePlain("The first"), bare.EncodePlain(" The  first "));
        Assert.Contains(Tokenizer.Unknown, bare.EncodePlain("The ﬁrst"));
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
    public void It_answers_as_a_library_does_that_remembers_no_words()
    {
        using var bytes = new MemoryStream((byte[])[.. File.ReadAllBytes(Sources.Pieces), 0x12, 3, 0xC8, 2, 0]); // trainer_spec { bos_id: 0 }
        var whole = SentencePieceTokenizer.Create(bytes, addBeginningOfSentence: false, addEndOfSentence: false);
        var characters = Gen.OneOf(Gen.Char["abcdetsn"], Gen.Char["  \t\n"], Gen.Char["AZ09.,-<{~"], Gen.Char["éß½ﬁ\u00a0\u00b4\u0301\u200b\u3000漢🎉"], Gen.Char);
        characters.Array[0, 60].Select(text => new string(text)).Sample(text =>
            AssertSame([.. Merged(whole.EncodeToIds(text))], T5.EncodePlain(text)), iter: 3000);

        // The library adds scores in another precision than SentencePiece: of two splits of one score (AA A and A AA) either may come out.
        static void AssertSame(int[] expected, int[] actual)
        {
            if (expected.SequenceEqual(actual)) return;
            var pieces = SentencePieceModel.Read(Sources.Pieces).Pieces;
            Assert.Equal(T5.Decode(expected), T5.Decode(actual));
            Assert.Equal(expected.Sum(id => (double)pieces[id].Score), actual.Sum(id => (double)pieces[id].Score), 1e-4);
        }
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
        double Time(string word) => ProcessorTime.Least(5, () => T5.EncodePlain(word));
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

    [Theory] // settings and pieces added to T5's, as protocol buffers merge
    [InlineData("is not a unigram model", 0x12, 2, 0x18, 2)]
    [InlineData("puts spaces behind words", 0x12, 3, 0xC0, 1, 1)]
    [InlineData("byte by byte", 0x12, 3, 0x98, 2, 1)]
    [InlineData("leaves spaces as they are", 0x1A, 2, 0x28, 0)]
    [InlineData("normalisation rules are damaged", 0x1A, 7, 0x12, 5, 200, 0, 0, 0, 0)]
    [InlineData("user-defined piece 'Q0'", 0x0A, 6, 0x0A, 2, (int)'Q', (int)'0', 0x18, 4)]
    [InlineData("the piece 'e' twice", 0x0A, 3, 0x0A, 1, (int)'e')]
    [InlineData("an empty piece", 0x0A, 2, 0x18, 1)]
    public void A_vocabulary_that_would_be_read_wrongly_is_refused(string why, params int[] added)
    {
        using var folder = new Store.TemporaryFolder();
        var path = Path.Combine(folder.Path, "other.model");
        File.WriteAllBytes(path, [.. File.ReadAllBytes(Sources.Pieces), .. added.Select(number => (byte)number)]);
        Assert.Contains(why, Refused(path), StringComparison.Ordinal);
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

    [Fact]
    public void Three_added_tokens_leave_T5s_table_as_large_as_it_is()
    {
        var added = new PieceTokenizer(SentencePieceModel.Read(Sources.Pieces), 100, ["[NLU]", "[NLG]", "[S2S]"]);
        Assert.Equal(32_128, added.Size);
        Assert.Equal([32_101, .. T5.Encode("Hello"), 32_099], added.Encode("[NLG] Hello <extra_id_0>"));
        Assert.Equal("[NLG] Hello <extra_id_0>", added.Decode(added.Encode("[NLG] Hello <extra_id_0>")));
        using var folder = new TemporaryFolder();
        added.Save(folder.Path);
        var kept = Canonical.Parse<Vocabulary>(File.ReadAllText(Path.Combine(folder.Path, "vocabulary.json")));
        Assert.Equal(added.Added, kept.Added);
    }
}
