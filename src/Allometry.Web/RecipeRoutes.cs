using System.Text.Json;
using System.Text.Json.Nodes;
using Allometry.Experiments;
using Allometry.Kinds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Allometry.Web;

/// <summary>What the form is made of, and recipes for it to begin with.</summary>
internal static class RecipeRoutes
{
    public static void Add(WebApplication application, RecipeFolder recipes)
    {
        application.MapGet("/api/catalogue", () => Catalogue.Records(typeof(Recipe)).Concat(Catalogue.All).Select(Entry));
        application.MapGet("/api/recipes", recipes.Names);
        application.MapGet("/api/recipe", (string name) => new { Yaml = recipes.Read(name) });
        application.MapPost("/api/recipe/read", (Written written) => Tree(Reader.Node(written.Yaml, "recipe")));
        application.MapPost("/api/recipe/check", (Written written) => new { Reader.Read<Recipe>(written.Yaml, "recipe").Name });
    }

    private static object Entry(KindEntry entry) => new { Base = Word(entry.Base), entry.Name, entry.IsPreset, IsRecord = entry.Base == entry.Type && !entry.IsPreset, entry.Summary, entry.Parameters };

    private static string Word(Type type) => JsonNamingPolicy.KebabCaseLower.ConvertName(type.Name);

    /// <summary>Words as they are written: what they mean depends on where they stand.</summary>
    private static JsonNode? Tree(Node node) => node switch
    {
        MapNode map => new JsonObject(map.Members.Select(member => KeyValuePair.Create(member.Name, Tree(member.Value)))),
        ListNode list => new JsonArray([.. list.Items.Select(Tree)]),
        ScalarNode word => JsonValue.Create(word.Text),
        _ => null,
    };

    internal sealed record Written(string Yaml);
}
