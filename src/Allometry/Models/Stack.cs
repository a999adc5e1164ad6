using System.ComponentModel;
using System.Globalization;
using Allometry.Costs;
using Allometry.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>Layers, each a list of sublayers, one after the other; positions before them and a norm after them.</summary>
public sealed record Stack(
    [property: Description("Layers as lists of sublayers, repeated until the depth is reached.")] IReadOnlyList<IReadOnlyList<Sublayer>> Pattern)
{
    [Description("Whether a norm stands at the end; where each sublayer ends with one, none is needed.")]
    public bool FinalNorm { get; init; } = true;

    /// <summary>A stack whose layers are all alike.</summary>
    public static Stack Of(params Sublayer[] layer) => new([layer]);

    /// <summary>The sublayers of layer i.</summary>
    public IReadOnlyList<Sublayer> Layer(int i) => Pattern[i % Pattern.Count];

    /// <summary>The tables of positions that layers of a stack share beside the architecture's.</summary>
    public IReadOnlyList<Positions> Tables(int depth, Place place) =>
        [.. Enumerable.Range(0, depth).SelectMany(Layer).Select(sublayer => sublayer.Table(place)).OfType<Positions>().Distinct()];

    public CostSheet Count(string name, int depth, Place place, Setting setting) => new(name, Cost.None,
    [
        new("positions", place.Architecture.Positions.Count(place)),
        .. CountTables(Tables(depth, place), place),
        new("layers", CountOneLayer(depth, place, setting), [.. Enumerable.Range(0, depth).Select(i => CountLayer(i, place with { Layer = i }, setting))]),
        .. FinalNorm ? [new CostSheet("norm", place.Architecture.Norm.Count(place.Shape, setting))] : Array.Empty<CostSheet>(),
    ]);

    public StackModule Build(string name, int depth, Place place) => new(this, name, depth, place);

    private static IEnumerable<CostSheet> CountTables(IReadOnlyList<Positions> tables, Place place) =>
        tables.Count == 0 ? [] : [new("tables", Cost.None, [.. tables.Select((table, i) => new CostSheet(Text(i), table.Count(place)))])];

    /// <summary>A layer that is recomputed keeps its input.</summary>
    private CostSheet CountLayer(int i, Place place, Setting setting)
    {
        var sheet = new CostSheet(Text(i), Cost.None, [new("sublayers", Cost.None, [.. Layer(i).Select((sublayer, j) => sublayer.Count(Text(j), place, setting))])]);
        if (!setting.Recompute) return sheet;
        return sheet.Select(cost => cost with { RecomputedFlops = cost.ForwardFlops, ActivationBytes = 0 }) with
        {
            Own = Cost.None with { ActivationBytes = sizeof(float) * setting.Tokens * place.Shape.ModelWidth },
        };
    }

    /// <summary>Of recomputed layers one at a time keeps all that its backward pass needs.</summary>
    private Cost CountOneLayer(int depth, Place place, Setting setting) => !setting.Recompute || depth == 0
        ? Cost.None
        : Cost.None with { ActivationBytes = Enumerable.Range(0, depth).Max(i => CountLayer(i, place with { Layer = i }, setting with { Recompute = false }).ActivationBytes) };

    private static string Text(int i) => i.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One layer: its sublayers in order.</summary>
public sealed class LayerModule : nn.Module<Tensor, Context, Tensor>
{
    private readonly ModuleList<SublayerModule> sublayers;

    public LayerModule(IEnumerable<Sublayer> choices, Place place) : base("layer")
    {
        sublayers = new ModuleList<SublayerModule>([.. choices.Select(choice => choice.Build(place))]);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context) => sublayers.Aggregate(x, (state, sublayer) => sublayer.forward(state, context));
}

/// <summary>[batch, length, model width] -> the same, after the final norm.</summary>
public sealed class StackModule : nn.Module<Tensor, Context, Tensor>
{
    private readonly PositionModule positions;
    private readonly ModuleList<PositionModule> tables;
    private readonly ModuleList<LayerModule> layers;
    private readonly nn.Module<Tensor, Tensor>? norm;
    private readonly Dropout dropout;
    private readonly string stack;
    private readonly IReadOnlyList<Positions> shared;

    public StackModule(Stack choice, string name, int depth, Place place) : base(name)
    {
        (stack, dropout, shared) = (name, new Dropout(place.Architecture.Dropout), choice.Tables(depth, place));
        positions = place.Architecture.Positions.Build(place);
        tables = new ModuleList<PositionModule>([.. shared.Select(table => table.Build(place))]);
        layers = new ModuleList<LayerModule>([.. Enumerable.Range(0, depth).Select(i => new LayerModule(choice.Layer(i), place with { Layer = i }))]);
        norm = choice.FinalNorm ? place.Architecture.Norm.Build(place) : null;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context)
    {
        using var products = Products.In(context.Pass.Precision);
        context.Positions = positions;
        context.Tables = shared.Zip(tables).ToDictionary();
        x = dropout.Apply(positions.Embed(x, context), training);
        context.Pass.Record(stack, x);
        for (var i = 0; i < layers.Count; i++)
        {
            context.Layer = string.Create(CultureInfo.InvariantCulture, $"{stack}.{i}");
            x = Scoped(layers[i], x, context);
            if (i < layers.Count - 1)
                context.Pass.Record(stack, x);
        }
        x = dropout.Apply(norm is RowNormModule row && context.Pass.Fuses(x) ? row.Fused(x) : norm?.forward(x) ?? x, training);
        context.Pass.Record(stack, x);
        context.Cache?.Advance(x.size(1));
        return x;
    }

    private static Tensor Scoped(LayerModule layer, Tensor x, Context context)
    {
        using var scope = NewDisposeScope();
        context.BeginLayer();
        x = context.Pass.Watch?.Mark(x, layer) ?? x;
        var recomputes = context.Pass.Recompute && context.Cache is null && is_grad_enabled();
        return (recomputes ? Recomputation.Run(layer, x, context) : layer.forward(x, context)).MoveToOuterDisposeScope();
    }
}
