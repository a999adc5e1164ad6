using Allometry.Kinds;
using Allometry.Text;
using CsCheck;

namespace Allometry.Tests.Text;

public sealed class ByteTokenizerTests
{
    private static readonly ByteTokenizer Bytes = new();

    [Fact]
    public void A_byte_is_its_value_and_three_as_in_ByT5()
    {
        Assert.Equal([75, 108, 198, 172], Bytes.Encode("Hié"));
        Assert.Equal((384, 383, 259), (Bytes.Size, Bytes.Sentinel(0), Bytes.Sentinel(124)));
        Assert.IsType<ByteTokenizer>(Reader.Read<Vocabulary>("bytes", "recipe.yaml").Load(""));
    }

    [Fact]
    public void Decoding_undoes_encoding() => Gen.OneOf(Gen.Int[0, 0x10FFFF].Where(rune => rune is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32), Gen.Int[0, 124].Select(i => $"<extra_id_{i}>"))
        .Array[0, 40].Select(string.Concat).Sample(text => Assert.Equal(text, Bytes.Decode(Bytes.Encode(text))));

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character() => Assert.Equal("a\ufffdb", Bytes.Decode(Bytes.Encode("a\ud800b")));

    [Fact]
    public void Special_ids_say_nothing() => Assert.Equal("a", Bytes.Decode([0, 2, 'a' + 3, 1, 0]));

    [Fact]
    public void Added_tokens_are_one_id_each_above_the_sentinels_and_text_in_a_corpus()
    {
        var added = new ByteTokenizer(125, ["[R]", "[R]+", "a.c"]);
        Assert.Equal([384, 'x' + 3, 385, 383, 386, 'a' + 3], added.Encode("[R]x[R]+<extra_id_0>a.ca"));
        Assert.Equal(Bytes.Encode("[R]abc"), added.EncodePlain("[R]abc"));
        Assert.Equal("[R]x[R]+<extra_id_0>a.ca", added.Decode(added.Encode("[R]x[R]+<extra_id_0>a.ca")));
        Assert.Equal((416, 384), (added.Size, Bytes.Size));
        Assert.Equal(3, new[] { added.Identity, Bytes.Identity, new ByteTokenizer(125, ["[R]"]).Identity }.Distinct().Count());
        Assert.False(added.IsSentinel(384));
    }

    [Fact]
    public void Added_tokens_that_are_none_are_refused()
    {
        var problems = Assert.Throws<InputException>(() => Reader.Read<Vocabulary>("{ kind: bytes, added: [a, ' ', '<extra_id_3>', a] }", "recipe.yaml")).Problems;
        Assert.Equal(["' ' can be no added token", "'<extra_id_3>' can be no added token", "'a' stands there twice"], problems.Select(problem => problem.What));
    }
}
