using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Allometry.Kinds;

/// <summary>One constructor parameter of a record, with the property that gives its value back.</summary>
internal sealed class SchemaMember(ParameterInfo parameter, PropertyInfo property)
{
    private readonly string? yaml = parameter.GetCustomAttribute<DefaultValueAttribute>()?.Value is { } value
        ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    public string Name { get; } = Schema.Kebab(property.Name);

    public string PropertyName => property.Name;

    public Type Type => parameter.ParameterType;

    public bool AllowsNull { get; } = Nullable.GetUnderlyingType(parameter.ParameterType) is not null
        || (!parameter.ParameterType.IsValueType && new NullabilityInfoContext().Create(parameter).WriteState != NullabilityState.NotNull);

    public bool HasDefault => parameter.HasDefaultValue || yaml is not null;

    public RangeAttribute? Range { get; } = parameter.GetCustomAttribute<RangeAttribute>();

    public string Description { get; } = (parameter.GetCustomAttribute<DescriptionAttribute>() ?? property.GetCustomAttribute<DescriptionAttribute>())?.Description ?? "";

    public object? Get(object record) => property.GetValue(record);

    /// <summary>The value that stands for a member left out: the parameter's default, or the YAML in its <c>[DefaultValue("...")]</c>.</summary>
    public object? Default() => yaml is not null ? Reader.Read(Type, YamlText.Parse(yaml, $"default of {Name}")) : Constant();

    public KindParameter ForPeople() => new(Name, Schema.Words(Type), HasDefault ? yaml ?? Canonical.Words(Constant()) : null, !HasDefault, Description);

    // Reflection gives the default of a Nullable<enum> as its number, and that of `default(struct)` as null.
    private object? Constant()
    {
        var value = parameter.DefaultValue;
        if (value is null) return Type.IsValueType && Nullable.GetUnderlyingType(Type) is null ? Activator.CreateInstance(Type) : null;
        var type = Nullable.GetUnderlyingType(Type) ?? Type;
        return type.IsEnum ? Enum.ToObject(type, value) : value;
    }
}
