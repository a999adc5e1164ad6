using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Tests.Kinds;

public abstract record Vehicle;

public abstract record Cargo;

[Kind("cart"), Description("Rolls.")]
public sealed record Cart([Description("Number of wheels.")] int Wheels, [Description("What lies on it.")] Cargo Cargo, [Description("Who pulls it.")] Vehicle? Pulled = null) : Vehicle;

[Kind("sledge"), Description("Slides.")]
public sealed record Sledge([Description("Number of runners.")] int Runners = 2) : Vehicle;

public abstract record Pushed : Vehicle;

[Kind("barrow"), Description("Is pushed.")]
public sealed record Barrow([Description("Litres.")] int Volume = 80) : Pushed;

[Kind("straw"), Description("Light.")]
public sealed record Straw([Description("Number of bales.")] int Bales = 1, [Description("Whether it is wet.")] bool Wet = false) : Cargo;

[Kind("stone"), Description("Heavy.")]
public sealed record Stone([Description("Kilograms.")] double Mass = 10) : Cargo;

public class PresetsTests
{
    static PresetsTests()
    {
        Catalogue.Add(typeof(Vehicle).Assembly);
        Presets.Add("""
            vehicle:
              hay-cart: { summary: Carries hay., kind: cart, wheels: 4, cargo: { kind: straw, bales: 20 } }
              wet-hay-cart: { kind: hay-cart, cargo: { wet: true } }
              plain-sledge: sledge
              deep-barrow: { kind: barrow, volume: 120 }
            cargo:
              block: { kind: stone, mass: 1k }
            """, "test-presets.yaml");
    }

    [Theory]
    [InlineData("hay-cart", """{"kind":"cart","cargo":{"kind":"straw","bales":20},"wheels":4}""")]
    [InlineData("{ kind: hay-cart, wheels: 2 }", """{"kind":"cart","cargo":{"kind":"straw","bales":20},"wheels":2}""")]
    [InlineData("{ kind: hay-cart, cargo: { bales: 3 } }", """{"kind":"cart","cargo":{"kind":"straw","bales":3},"wheels":4}""")]
    [InlineData("{ kind: hay-cart, cargo: { kind: stone } }", """{"kind":"cart","cargo":{"kind":"stone"},"wheels":4}""")]
    [InlineData("{ kind: hay-cart, cargo: block }", """{"kind":"cart","cargo":{"kind":"stone","mass":1000},"wheels":4}""")]
    [InlineData("{ kind: cart, wheels: 1, cargo: { kind: block, mass: 3 }, pulled: plain-sledge }", """{"kind":"cart","cargo":{"kind":"stone","mass":3},"pulled":{"kind":"sledge"},"wheels":1}""")]
    [InlineData("wet-hay-cart", """{"kind":"cart","cargo":{"kind":"straw","bales":20,"wet":true},"wheels":4}""")]
    [InlineData("{ kind: plain-sledge, runners: 3 }", """{"kind":"sledge","runners":3}""")]
    public void A_preset_stands_for_its_members_with_the_given_ones_over_them(string yaml, string expected) =>
        Assert.Equal(expected, Canonical.Json(Reader.Read<Vehicle>(yaml, "a")));

    [Theory]
    [InlineData("deep-barrow")]
    [InlineData("{ kind: deep-barrow, volume: 120 }")]
    public void A_preset_may_stand_wherever_what_it_makes_may(string yaml)
    {
        Assert.Equal(new Barrow(120), Reader.Read<Pushed>(yaml, "a"));
        Assert.Equal(["barrow", "deep-barrow"], Catalogue.Of(typeof(Pushed)).Select(entry => entry.Name));
        Assert.Contains("unknown pushed 'plain-sledge'", Assert.Throws<InputException>(() => Reader.Read<Pushed>("plain-sledge", "a")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ kind: hay-cart, weels: 4 }", "a:1:19: unknown member 'weels' of cart; did you mean 'wheels'?")]
    [InlineData("hay-car", "a:1:1: unknown vehicle 'hay-car'; did you mean 'hay-cart'?")]
    public void Problems_name_the_place_of_what_the_person_wrote(string yaml, string expected) =>
        Assert.Equal(expected, Assert.Throws<InputException>(() => Reader.Read<Vehicle>(yaml, "a")).Message);

    [Fact]
    public void The_catalogue_lists_a_preset_with_its_values_as_defaults()
    {
        var entry = Catalogue.Find(typeof(Vehicle), "wet-hay-cart")!;

        Assert.True(entry.IsPreset);
        Assert.Equal(typeof(Cart), entry.Type);
        Assert.Equal(new KindParameter("wheels", "integer", "4", false, "Number of wheels."), entry.Parameters[0]);
        Assert.Equal("Carries hay.", Catalogue.Find(typeof(Vehicle), "hay-cart")!.Summary);
        Assert.Equal("{ kind: straw, bales: 20 }", Catalogue.Find(typeof(Vehicle), "hay-cart")!.Parameters[1].Default);
        Assert.IsType<Cart>(entry.Default());
    }

    [Theory]
    [InlineData("vehicle: { cart: { kind: sledge } }", "p:1:18: the vehicle 'cart' is already defined by Allometry.Tests.Kinds.Cart; give it another name")]
    [InlineData("vehicle: { hay-cart: { kind: sledge } }", "p:1:22: the vehicle 'hay-cart' is already defined by test-presets.yaml:2:13; give it another name")]
    [InlineData("vehicle: { slow: { kind: snail } }", "p:1:18: unknown vehicle 'snail'; known are barrow, cart, sledge")]
    [InlineData("vehicle: { one: { kind: two }, two: { kind: one } }", "p:1:17: the preset 'one' builds on itself; break the circle")]
    [InlineData("vehicl: { slow: sledge }", "p:1:1: 'vehicl' names no type; name the abstract record that these are presets of")]
    [InlineData("vehicle: [sledge]", "p:1:10: presets are maps; write type: { name: { kind: ..., members } }")]
    [InlineData("vehicle: { x: [sledge] }", "p:1:15: the preset 'x' is a list; write a map with a kind")]
    public void A_preset_that_cannot_be_is_refused_when_it_is_added(string yaml, string expected)
    {
        var before = Catalogue.All.Count(entry => entry.Base == typeof(Vehicle));

        Assert.Equal(expected, Assert.Throws<InputException>(() => Presets.Add(yaml, "p")).Message);
        Assert.Equal(before, Catalogue.All.Count(entry => entry.Base == typeof(Vehicle)));
    }
}
