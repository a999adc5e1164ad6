using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Allometry.Kinds;

/// <summary>One member of a record: a constructor parameter with the property that gives its value back, or an <c>init</c> property with its initial value.</summary>
internal sealed class SchemaMember
{
    private readonly PropertyInfo property;
    private readonly Func<object?>? constant;
    private readonly string? yaml;

    public SchemaMember(ParameterInfo parameter, PropertyInfo property)
        : this(property, parameter, parameter.ParameterType, new NullabilityInfoContext().Create(parameter), parameter.HasDefaultValue ? () => Constant(parameter) : null) { }

    public SchemaMember(PropertyInfo property, Func<object?> initial)
        : this(property, property, property.PropertyType, new NullabilityInfoContext().Create(property), initial) { }

    private SchemaMember(PropertyInfo property, ICustomAttributeProvider declared, Type type, NullabilityInfo nullability, Func<object?>? constant)
    {
        (this.property, this.constant, Type) = (property, constant, type);
        Name = Schema.Kebab(property.Name);
        AllowsNull = Nullable.GetUnderlyingType(type) is not null || (!type.IsValueType && nullability.WriteState != NullabilityState.NotNull);
        Range = Attribute<RangeAttribute>(declared) ?? property.GetCustomAttribute<RangeAttribute>();
        Description = (Attribute<DescriptionAttribute>(declared) ?? property.GetCustomAttribute<DescriptionAttribute>())?.Description ?? "";
        yaml = Attribute<DefaultValueAttribute>(declared)?.Value is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;
    }

    public string Name { get; }

    public string PropertyName => property.Name;

    public Type Type { get; }

    public bool AllowsNull { get; }

    public bool HasDefault => constant is not null || yaml is not null;

    public RangeAttribute? Range { get; }

    public string Description { get; }

    public object? Get(object record) => property.GetValue(record);

    public void Set(object record, object? value) => property.SetValue(record, value);

    /// <summary>The value that stands for a member left out: the parameter's default, or the YAML in its <c>[DefaultValue("...")]</c>.</summary>
    public object? Default() => yaml is not null ? Reader.Read(Type, YamlText.Parse(yaml, $"default of {Name}")) : constant!();

    /// <summary>The canonical JSON of <see cref="Default"/>, which never changes: whoever names thousands of runs compares with it millions of times.</summary>
    public string DefaultText => field ??= Canonical.Json(Default());

    public KindParameter ForPeople() => new(Name, Schema.Words(Type), HasDefault ? yaml ?? Canonical.Words(constant!()) : null, !HasDefault, Description);

    // Reflection gives the default of a Nullable<enum> as its number, and that of `default(struct)` as null.
    private static object? Constant(ParameterInfo parameter)
    {
        var (value, type) = (parameter.DefaultValue, parameter.ParameterType);
        if (value is null) return type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        return inner.IsEnum ? Enum.ToObject(inner, value) : value;
    }

    private static T? Attribute<T>(ICustomAttributeProvider declared) where T : Attribute => declared.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();
}
