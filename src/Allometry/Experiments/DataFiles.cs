using System.Collections;
using System.Reflection;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Experiments;

/// <summary>The data files that a description names: the texts of parameters marked <see cref="DataFileAttribute"/>, at any depth.</summary>
public static class DataFiles
{
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
        _ when value.GetType().GetMethod("<Clone>$") is { } clone => ChangedRecord(value, clone, change),
        _ => value,
    };

    private static object ChangedRecord(object record, MethodInfo clone, Func<string, string> change)
    {
        var copy = clone.Invoke(record, null)!;
        foreach (var parameter in ParametersOf(record.GetType()))
            if (record.GetType().GetProperty(parameter.Name!) is { CanWrite: true } property)
                property.SetValue(copy, IsDataFile(parameter) ? ChangedPaths(property.GetValue(record), change) : Changed(property.GetValue(record), change));
        return copy;
    }

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
}
