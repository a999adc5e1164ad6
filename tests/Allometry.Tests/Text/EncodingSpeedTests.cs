using Allometry.Text;

namespace Allometry.Tests.Text;

public sealed class EncodingSpeedTests
{
    [Fact]
    public void It_tells_megabytes_a_second_of_one_thread_and_of_all()
    {
        var documents = new Corpus([Sources.Smoke]).Documents().ToList();
        var speed = EncodingSpeed.Measure(Sources.T5, documents, rounds: 2);
        Assert.Equal(Environment.ProcessorCount, speed.Threads);
        Assert.InRange(speed.OneThread, 0.05, 10_000); // the tests are not optimised; docs/measured/tokenizers.md has the numbers
        Assert.InRange(speed.AllThreads, 0.05, 10_000);
    }
}
