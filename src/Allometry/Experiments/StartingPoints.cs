using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Experiments;

/// <summary>Whether the models that stages are to start from stand before them, shape by shape: what is named and not there would be no run, and nobody would be told.</summary>
internal static class StartingPoints
{
    /// <summary>All that is missing.</summary>
    public static IEnumerable<Problem> Problems(Recipe recipe) =>
        Visits(recipe).GroupBy(visit => visit.Position).SelectMany(visits => visits.First().Stage switch
        {
            GrowStage => visits.Where(visit => visit.Before.Smaller is []).Select(Ungrown),
            { StartsFrom: { } from } stage => Lacking(stage, from, [.. visits]),
            _ => [],
        });

    /// <summary>Every shape at every stage that it goes through, with the models that stand before it there, named by the places of their stages.</summary>
    private static IEnumerable<Visit> Visits(Recipe recipe)
    {
        var (smaller, before) = ((Shape?)null, new Before(_ => "", Naive: false));
        foreach (var shape in recipe.Shapes)
        {
            before = before with { Models = [], Student = null, Smaller = smaller is null ? null : before.Models };
            foreach (var (position, stage) in recipe.Protocol.Index().Where(one => recipe.Meets(one.Item, shape, before)))
            {
                yield return new(position, stage, shape, smaller, before);
                before = After(stage, $"{position}", before);
            }
            smaller = shape;
        }
    }

    private static Before After(Stage stage, string position, Before before)
    {
        if (stage.MakesStartingPoint && (stage is not GrowStage || before.Smaller is { Count: > 0 })) before = before with { Models = [.. before.Models, (stage, position)] };
        return stage.Taught is { } taught ? before with { Student = (position, taught) } : before;
    }

    private static Problem Ungrown(Visit visit) =>
        new("protocol: grow", $"no stage trains {ShapeName.Of(visit.Smaller!)}, from which {ShapeName.Of(visit.Shape)} should grow", $"add {ShapeName.Of(visit.Smaller!)} to the shapes of a stage {{ kind: pretrain, ... }}, or leave {ShapeName.Of(visit.Shape)} out of 'only'");

    private static IEnumerable<Problem> Lacking(Stage stage, IReadOnlyList<Origin> from, IReadOnlyList<Visit> visits)
    {
        var where = $"protocol: {Catalogue.NameOf(stage)}";
        if (from is []) return [new($"{where}: from", "there is nothing to start from", "write pretrain, scratch, or both")];
        var nowhere = from.Where(origin => !visits.Any(visit => visit.Before.Has(origin))).Distinct().ToArray();
        if (nowhere.Length > 0) return nowhere.Select(origin => Nowhere(where, origin));
        // What has been grown or taught is of some shapes by nature.
        var without = from.Contains(Origin.Pretrain) ? visits.Where(visit => !from.Any(visit.Before.Has)).Select(visit => ShapeName.Of(visit.Shape)).ToArray() : [];
        return without.Length == 0 ? [] : [new(where, $"no stage before it trains {string.Join(" and ", without)}, which would start from that", $"add {string.Join(" and ", without)} to the shapes of the stage before it, or take only: [{string.Join(", ", visits.Select(visit => ShapeName.Of(visit.Shape)).Except(without))}]")];
    }

    private static Problem Nowhere(string where, Origin origin) => origin switch
    {
        Origin.Grow => new($"{where}: from", "nothing is grown to start from", "add a stage { kind: grow, ... } before it, or write from: pretrain"),
        Origin.Student => new($"{where}: from", "no stage teaches a model to start from", "add a stage { kind: distill, ... } before it, or write from: pretrain"),
        _ => new($"{where}: from", "there is no pre-training to start from", "add a stage { kind: pretrain, ... } before it, or write from: scratch"),
    };

    /// <summary>A shape that comes to a stage.</summary>
    /// <param name="Smaller">The shape before it in the recipe; null for the first one.</param>
    private sealed record Visit(int Position, Stage Stage, Shape Shape, Shape? Smaller, Before Before);
}
