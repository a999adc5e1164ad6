using Allometry.Files;
using Allometry.Tests.Store;

namespace Allometry.Tests.Files;

public sealed class ContentMemoryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ContentMemory<string> memory = new();
    private int reads;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_that_stays_as_it_is_is_read_once()
    {
        var path = Written("a", "text", minutesAgo: 5);
        Assert.Equal(["text", "text", "text"], Enumerable.Range(0, 3).Select(_ => Read("", path)));
        Assert.Equal(1, reads);
        Read("other settings", path);
        Assert.Equal(2, reads);
    }

    [Theory]
    [InlineData("longer text", 5)]
    [InlineData("TEXT", 4)]
    public void A_file_of_another_length_or_time_is_read_anew(string text, int minutesAgo)
    {
        Read("", Written("a", "text", minutesAgo: 5));
        Assert.Equal(text, Read("", Written("a", text, minutesAgo)));
    }

    [Fact]
    public void A_file_that_has_just_changed_may_change_again_unseen_and_is_read_every_time()
    {
        Assert.Equal("one", Read("", Written("a", "one", minutesAgo: 0)));
        Assert.Equal("two", Read("", Written("a", "two", minutesAgo: 0)));
    }

    [Fact]
    public void Every_one_of_several_files_counts()
    {
        string[] paths = [Written("a", "one", minutesAgo: 5), Written("b", "two", minutesAgo: 5)];
        Assert.Equal("onetwo", Read("", paths));
        Written("b", "three", minutesAgo: 5);
        Assert.Equal("onethree", Read("", paths));
        File.Delete(paths[0]);
        Assert.Throws<FileNotFoundException>(() => Read("", paths));
    }

    private string Read(string settings, params string[] paths) => memory.Of(paths, settings, () =>
    {
        reads++;
        return string.Concat(paths.Select(File.ReadAllText));
    });

    private string Written(string name, string text, int minutesAgo)
    {
        var path = System.IO.Path.Combine(folder.Path, name);
        File.WriteAllText(path, text);
        if (minutesAgo > 0) File.SetLastWriteTimeUtc(path, DateTime.UtcNow.Date.AddMinutes(-minutesAgo));
        return path;
    }
}
