using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Stranger.Tests;

/// <summary>What these tests stand on: kinds made known by one call, and a model of them.</summary>
public static class Strangers
{
    public static readonly Shape Small = new(ModelWidth: 16, FeedForwardWidth: 32, HeadWidth: 4, Heads: 2, EncoderLayers: 2, DecoderLayers: 2, Vocabulary: 64);

    public static IEnumerable<KindEntry> Kinds => Catalogue.All.Where(kind => kind.Type.Assembly == typeof(Strangers).Assembly);

    static Strangers() => Catalogue.Add(typeof(Strangers).Assembly);

    public static T Read<T>(string yaml) => Reader.Read<T>(yaml, "stranger.yaml");
}
