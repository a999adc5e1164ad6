using Allometry.Text;

namespace Allometry.Tests.Text;

public sealed class EncodingSpeedTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void It_tells_megabytes_a_second_of_any_number_of_threads(int threads)
    {
        var documents = new Corpus([Sources.Smoke]).Documents().ToList();
        Assert.InRange(EncodingSpeed.Measure(Sources.T5, documents, threads, rounds: 2), 0.05, 10_000); // the tests are not optimised; docs/measured/tokenizers.md has the numbers
    }
}
