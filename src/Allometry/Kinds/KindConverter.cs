using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Allometry.Kinds;

/// <summary>Lets System.Text.Json carry what YAML can name: kinds, their bases, and types that read themselves.</summary>
internal sealed class KindConverter : JsonConverterFactory
{
    public override bool CanConvert(Type type) =>
        type.GetCustomAttribute<KindAttribute>(inherit: false) is not null || Catalogue.IsBase(type)
        || type.GetInterfaces().Any(known => known.IsGenericType && known.GetGenericTypeDefinition() == typeof(IReadable<>));

    public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(type))!;

    private sealed class Of<T> : JsonConverter<T>
    {
        public override T? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            (T)Reader.Read(typeof(T), JsonText.Nodes(JsonNode.Parse(ref reader), Schema.Words(typeof(T))));

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => Canonical.Node(value)!.WriteTo(writer, options);
    }
}
