using Allometry.Kinds;

namespace Allometry.Tests.Kinds;

public class ReaderTests
{
    static ReaderTests() => Catalogue.Add(typeof(Farm).Assembly);

    [Fact]
    public void A_recipe_is_read_with_its_defaults_filled_in()
    {
        var farm = Reader.Read<Farm>("""
            title: 1.10
            beasts:
              - hare
              - { kind: hare, speed: 1e1, fur: snow-white }
              - { kind: tortoise, age: 2k, nap: 90s }
            stock: { hay: 4_096, straw: 3 }
            tags: [true, 'x']
            burrow: { from: deep, exits: 3 }
            """, "farm.yaml");

        Assert.Equal("1.10", farm.Title);
        Assert.Equal([new Hare(), new Hare(10, Fur.SnowWhite), new Tortoise(2000, new Hare(3), null, TimeSpan.FromSeconds(90))], farm.Beasts);
        Assert.Equal(4096, farm.Stock!["hay"]);
        Assert.Equal(["true", "x"], farm.Tags!);
        Assert.Equal(new Burrow(10, 3), farm.Burrow);
        Assert.True(farm.Open);
    }

    [Fact]
    public void All_problems_are_told_at_once_with_their_places()
    {
        var e = Assert.Throws<InputException>(() => Reader.Read<Farm>("""
            titel: Home
            beasts:
              - { kind: haer }
              - { kind: hare, speed: fast, fur: green }
              - { kind: tortoise, nap: }
              - { kind: hare, speed: 50 }
              - { speed: 3 }
            burrow: dep
            open: yes
            acres: 1.5
            stock: [1]
            tags: null
            """, "farm.yaml"));

        Assert.Equal("""
            farm.yaml:1:1: unknown member 'titel' of farm; did you mean 'title'?
            farm.yaml:1:1: farm lacks 'title'; add 'title: text'
            farm.yaml:3:13: unknown beast 'haer'; did you mean 'hare'?
            farm.yaml:4:26: 'speed' of hare should be a number but is 'fast'; give a number
            farm.yaml:4:37: 'fur' of hare should be one of brown | snow-white but is 'green'; known are brown, snow-white
            farm.yaml:5:5: tortoise lacks 'age'; add 'age: integer' (Years)
            farm.yaml:6:26: 'speed' of hare is '50'; it must be above 0 and at most 40
            farm.yaml:7:5: item 5 of 'beasts' of farm lacks its 'kind'; known are hare, tortoise
            farm.yaml:8:9: unknown burrow 'dep'; did you mean 'deep'?
            farm.yaml:9:7: 'open' of farm should be true | false but is 'yes'; give true | false
            farm.yaml:10:8: 'acres' of farm should be an integer but is '1.5'; give an integer
            farm.yaml:11:8: 'stock' of farm should be a map but is a list; write { name: integer }
            """, e.Message);
    }
}
