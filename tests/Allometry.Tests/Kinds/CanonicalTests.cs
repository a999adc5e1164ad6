using System.Text.Json;
using System.Text.Json.Nodes;
using Allometry.Kinds;
using CsCheck;

namespace Allometry.Tests.Kinds;

public class CanonicalTests
{
    static CanonicalTests() => Catalogue.Add(typeof(Farm).Assembly);

    private static readonly Farm Farm = new("Home", [new Hare(0.1), new Tortoise(3, new Hare(3), Nap: TimeSpan.FromMinutes(1.5))], new Dictionary<string, int> { ["oats"] = 2, ["Hay"] = 1 }, new Burrow(4));

    [Fact]
    public void Kind_comes_first_members_are_sorted_and_defaults_are_left_out() => Assert.Equal(
        """{"beasts":[{"kind":"hare","speed":0.1},{"kind":"tortoise","age":3,"nap":"90s"}],"burrow":{"depth":4},"stock":{"Hay":1,"oats":2},"title":"Home"}""",
        Canonical.Json(Farm));

    [Fact]
    public void The_hash_is_the_start_of_the_SHA_256_of_the_text() =>
        Assert.Equal("523133850786894e", Canonical.Hash(new Hare())); // sha256sum of {"kind":"hare"}

    [Fact]
    public void Writing_a_default_out_does_not_change_the_hash() => Assert.Equal(
        Canonical.Hash(Reader.Read<Beast>("hare", "a")), Canonical.Hash(Reader.Read<Beast>("{ speed: 2e1, fur: brown, kind: hare }", "b")));

    [Fact]
    public void Canonical_JSON_is_read_back_to_the_same_value_as_JSON_and_as_YAML()
    {
        var json = Canonical.Json(Farm);

        Assert.Equal(json, Canonical.Json(Canonical.Parse<Farm>(json)));
        Assert.Equal(json, Canonical.Json(Reader.Read<Farm>(json, "json")));
    }

    [Fact]
    public void Any_text_and_number_survive_the_way_through_JSON() => Gen.Select(Gen.String, Gen.Double.Where(d => double.IsFinite(d) && d is > 0 and <= 40), Gen.Int.Positive)
        .Sample((text, speed, age) =>
        {
            var back = (Tortoise)Canonical.Parse<Beast>(Canonical.Json(new Tortoise(age, new Hare(speed), text)));
            // An unpaired surrogate has no UTF-8 form and becomes U+FFFD.
            return back.Age == age && ((Hare)back.Rider).Speed.Equals(speed) && (back.Name == text || text.Any(char.IsSurrogate));
        });

    [Fact]
    public void Problems_in_JSON_carry_the_path() => Assert.Equal(
        "run 7.beasts[0].sped: unknown member 'sped' of hare; did you mean 'speed'?",
        Assert.Throws<InputException>(() => Canonical.Parse<Farm>("""{"title":"a","beasts":[{"kind":"hare","sped":3}]}""", "run 7")).Message);

    [Theory]
    [InlineData("""{"kind":"hare",""")]
    [InlineData("""{"kind":"hare","kind":"hare"}""")]
    [InlineData("")]
    public void Broken_JSON_is_a_wrong_input(string json) => Assert.Throws<InputException>(() => Canonical.Parse<Beast>(json));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_number_that_JSON_cannot_hold_is_refused(double number) => Assert.Throws<ArgumentException>(() => Canonical.Json(new Hare(number)));

    [Fact]
    public void Nodes_are_sorted_too() => Assert.Equal(
        """{"kind":"x","a":[{"b":1,"c":2}],"z":null}""", Canonical.Json(JsonNode.Parse("""{"z":null,"a":[{"c":2,"b":1}],"kind":"x"}""")!));

    [Fact]
    public void System_Text_Json_carries_kinds_inside_other_records()
    {
        var json = JsonSerializer.Serialize(new Prize(new Hare(5), Fur.SnowWhite, 1), Canonical.Options);

        Assert.Equal("""{"winner":{"kind":"hare","speed":5},"best-fur":"snow-white","place":1}""", json);
        Assert.Equal(new Prize(new Hare(5), Fur.SnowWhite, 1), JsonSerializer.Deserialize<Prize>(json, Canonical.Options));
    }

    private sealed record Prize(Beast Winner, Fur BestFur, int Place);
}
