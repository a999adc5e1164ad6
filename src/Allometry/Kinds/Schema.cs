using System.Collections.Concurrent;
using System.ComponentModel;
using System.Reflection;
using System.Text.Json;

namespace Allometry.Kinds;

/// <summary>A record as YAML sees it: its name, the parameters of its primary constructor, and its <c>init</c> properties with a <c>[Description]</c>, inherited ones too.</summary>
internal sealed class Schema
{
    private static readonly ConcurrentDictionary<Type, Schema> Known = new();

    private readonly ConstructorInfo constructor;
    private readonly int parameters;
    private readonly Lazy<object> sample;

    private Schema(Type type)
    {
        Type = type;
        IsKind = type.IsDefined(typeof(KindAttribute), inherit: false);
        Name = type.GetCustomAttribute<KindAttribute>(inherit: false)?.Name ?? Kebab(type.Name);
        constructor = type.GetConstructors().Where(candidate => !IsCopy(candidate)).MaxBy(candidate => candidate.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type} has no public constructor, so it cannot be read from YAML.");
        var arguments = constructor.GetParameters().Select(parameter => new SchemaMember(parameter, PropertyOf(parameter))).ToList();
        var named = arguments.Select(argument => argument.PropertyName).ToHashSet();
        var initialised = type.GetProperties().Where(property => IsInitialised(property) && !named.Contains(property.Name));
        (parameters, Members) = (arguments.Count, [.. arguments, .. initialised.Select(property => new SchemaMember(property, () => property.GetValue(sample!.Value)))]);
        sample = new Lazy<object>(() => constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. arguments.Select(argument => argument.HasDefault ? argument.Default() : null)], null));
    }

    public Type Type { get; }

    public string Name { get; }

    /// <summary>Whether YAML can name it.</summary>
    public bool IsKind { get; }

    public IReadOnlyList<SchemaMember> Members { get; }

    public static Schema Of(Type type) => Known.GetOrAdd(type, static key => new Schema(key));

    public static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    public SchemaMember? Find(string name) => Members.FirstOrDefault(member => member.Name == name);

    /// <summary>The record with these values of <see cref="Members"/>, in their order.</summary>
    public object Build(object?[] values)
    {
        var record = constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, values[..parameters], null);
        for (var i = parameters; i < values.Length; i++) Members[i].Set(record, values[i]);
        return record;
    }

    /// <summary>What a type is, for a person: its <c>[Description]</c>, or else the first sentence of its documentation.</summary>
    public static string Describe(Type type) => type.GetCustomAttribute<DescriptionAttribute>(inherit: false)?.Description ?? Documentation.SentenceOf(type);

    /// <summary>The type in words for a person who writes YAML.</summary>
    public static string Words(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? Words(inner)
        : type.IsEnum ? string.Join(" | ", Enum.GetNames(type).Select(Kebab))
        : type == typeof(string) ? "text"
        : type == typeof(bool) ? "true | false"
        : type == typeof(TimeSpan) ? "duration"
        : type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? "number"
        : type.IsPrimitive ? "integer"
        : MapValue(type) is { } value ? $"map of {Words(value)}"
        : ListItem(type) is { } item ? $"list of {Words(item)}"
        : Kebab(type.Name);

    public static Type? ListItem(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.IsAssignableFrom(typeof(List<>).MakeGenericType(type.GetGenericArguments()[^1])) ? type.GetGenericArguments()[0] : null;

    public static Type? MapValue(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string)
            && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)) ? value : null;

    /// <summary>The type that a member holds, or a list or map of it; null where that is a scalar.</summary>
    public static Type? RecordIn(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? RecordIn(inner)
        : ListItem(type) is { } item ? RecordIn(item)
        : MapValue(type) is { } value ? RecordIn(value)
        : ScalarText.Reads(type) ? null : type;

    private static bool IsInitialised(PropertyInfo property) => property.SetMethod is { IsPublic: true } && property.IsDefined(typeof(DescriptionAttribute));

    private bool IsCopy(ConstructorInfo candidate) => candidate.GetParameters() is [var only] && only.ParameterType == Type;

    private PropertyInfo PropertyOf(ParameterInfo parameter) =>
        Type.GetProperty(parameter.Name!, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)
        ?? throw new InvalidOperationException($"{Type} has no property for its constructor parameter '{parameter.Name}', so it cannot be written as YAML.");
}
