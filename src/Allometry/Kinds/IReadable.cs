namespace Allometry.Kinds;

/// <summary>
/// A type that says itself how it is read: from a word (<c>small-el16</c>), from a map with choices (<c>{ steps: 100 }</c>), or from both.
/// <code>
/// public sealed record Shape(int ModelWidth, ...) : IReadable&lt;Shape&gt;
/// {
///     static Shape? IReadable&lt;Shape&gt;.FromNode(Node node, ReadContext context) => node switch
///     {
///         ScalarNode word => ShapeName.Parse(word.Text),                                   // an InputException is reported at the word
///         MapNode map when map["from"] is ScalarNode from                                  // { from: tiny, heads: 8 }
///             => context.ReadMembers&lt;Shape&gt;(map.Without("from").Over(context.Write(ShapeName.Parse(from.Text)))),
///         _ => context.ReadMembers&lt;Shape&gt;(node),                                          // the ordinary map of constructor parameters
///     };
/// }
/// </code>
/// It is called after presets are resolved and never with a null node. Problems go to <see cref="ReadContext.Report(Node, string, string)"/>, after
/// which the answer is ignored and may be null, so that all problems of a file are told at once.
/// Canonical JSON writes the type as the map of its constructor parameters, so <c>FromNode</c> must take that map too (<c>ReadMembers</c> does);
/// a type that is written otherwise implements <see cref="IWritable"/>.
/// </summary>
public interface IReadable<TSelf> where TSelf : IReadable<TSelf>
{
    static abstract TSelf? FromNode(Node node, ReadContext context);
}
