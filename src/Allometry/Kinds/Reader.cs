using System.Text;

namespace Allometry.Kinds;

/// <summary>
/// YAML to records. Members are the parameters of the record's primary constructor in kebab-case; one without a default must be given, an unknown one is a
/// problem. Where an abstract record is expected, <c>kind</c> names one of its heirs or presets, and a bare word is short for <c>{ kind: word }</c>.
/// Numbers are written as <see cref="Quantity"/> says, truth values as <c>true</c> and <c>false</c>, enums in kebab-case; where text is expected any word is
/// taken literally. A parameter's default that is not a constant is given as YAML by <c>[DefaultValue("...")]</c>, its limits by <c>[Range(low, high)]</c>.
/// A type reads itself through <see cref="IReadable{TSelf}"/>, and has rules of its own through <see cref="IChecked"/>.
/// </summary>
public static class Reader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file; an <see cref="InputException"/> holds all its problems, each with <c>path:line:column</c>.</summary>
    public static T ReadFile<T>(string path) => Read<T>(Text(path), path);

    /// <summary>Reads YAML that stands in no file; <paramref name="name"/> takes the file's place in problems.</summary>
    public static T Read<T>(string yaml, string name) => (T)Read(typeof(T), yaml, name);

    /// <summary>Reads what is made of something other than YAML, such as options on a command line.</summary>
    public static T Read<T>(Node node) => (T)Read(typeof(T), node);

    public static object Read(Type type, string yaml, string name) => Read(type, YamlText.Parse(yaml, name));

    /// <summary>YAML as it is written, before any type says what it means.</summary>
    public static Node Node(string yaml, string name) => YamlText.Parse(yaml, name);

    /// <summary>The text of a UTF-8 file, or an <see cref="InputException"/> that says why not.</summary>
    public static string Text(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return Strict.GetString(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(3) : bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException(path, $"not UTF-8 at byte {e.Index}", "save it as UTF-8");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(path, "there is no such file", "check the path");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException(path, $"cannot be read: {e.Message}", "check the path and its permissions");
        }
    }

    internal static object Read(Type type, Node node)
    {
        var context = new ReadContext();
        var value = context.Read(type, node, Schema.Words(type));
        context.ThrowIfAny();
        return value ?? throw new InvalidOperationException($"{type} was read as null without a problem.");
    }
}
