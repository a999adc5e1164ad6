using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Experiments;

/// <summary>The data files that a description names: the texts of parameters marked <see cref="DataFileAttribute"/>, at any depth.</summary>
public static class DataFiles
{
    // Thousands of runs of a plan are of the same few types.
    private static readonly ConcurrentDictionary<Type, Form?> Forms = new();

    public static IReadOnlyList<string> In(object? description)
    {
        List<string> found = [];
        Select(description, path => { found.Add(path); return path; });
        return found;
    }

    /// <summary>The description with its files where they really are; relative ones start at <paramref name="folder"/> (a recipe's).</summary>
    public static T Located<T>(T description, string folder) => Select(description, file => DataFolder.Resolve(file, folder));

    /// <summary>The description with every path changed; everything else as it is.</summary>
    public static T Select<T>(T description, Func<string, string> change) => (T)Changed(description, change)!;

    private static object? Changed(object? value, Func<string, string> change) => value switch
    {
        null or string => value,
        IList list when value.GetType().IsGenericType || value is Array => Each(list, item => Changed(item, change)),
        _ when Forms.GetOrAdd(value.GetType(), FormOf) is { } form => ChangedRecord(value, form, change),
        _ => value,
    };

    private static object ChangedRecord(object record, Form form, Func<string, string> change)
    {
        var copy = form.Copy.Invoke(record, null)!;
        foreach (var (property, isFile) in form.Properties)
            property.SetValue(copy, isFile ? ChangedPaths(property.GetValue(record), change) : Changed(property.GetValue(record), change));
        return copy;
    }

    private static Form? FormOf(Type type) => type.GetMethod("<Clone>$") is not { } clone ? null : new(
        clone,
        [.. from parameter in ParametersOf(type)
            let property = type.GetProperty(parameter.Name!)
            where property is { CanWrite: true }
            select (property, IsDataFile(parameter))]);

    private static object? ChangedPaths(object? value, Func<string, string> change) => value switch
    {
        string path => change(path),
        IList list => Each(list, item => item is string path ? change(path) : item),
        _ => value,
    };

    private static Array Each(IList list, Func<object?, object?> change)
    {
        var type = list.GetType();
        var copy = Array.CreateInstance(type.GetElementType() ?? type.GetGenericArguments()[0], list.Count);
        for (var i = 0; i < list.Count; i++) copy.SetValue(change(list[i]), i);
        return copy;
    }

    private static bool IsDataFile(ParameterInfo parameter) => parameter.IsDefined(typeof(DataFileAttribute));

    private static ParameterInfo[] ParametersOf(Type record) =>
        record.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)?.GetParameters() ?? [];

    /// <summary>How a record is copied, and which of its properties stand for its parameters.</summary>
    private sealed record Form(MethodInfo Copy, IReadOnlyList<(PropertyInfo Property, bool IsFile)> Properties);
}
