using Allometry.Files;
using Allometry.Tests.Store;

namespace Allometry.Tests.Files;

public sealed class LeaseTests : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50), Seldom = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder folder = new();

    private string File => Path.Combine(folder.Path, "lease");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Only_one_holds_it_and_the_next_gets_it_when_that_one_lets_go()
    {
        using (var held = Lease.TryTake(File, Seldom)) // a holder that gets no processor for a fifth of a second is no dead one
        {
            Assert.True(held!.IsHeld);
            Assert.Null(Lease.TryTake(File, Seldom));
            Assert.Equal(Environment.MachineName, Lease.HolderOf(File, Seldom));
        }
        Assert.Null(Lease.HolderOf(File, Every));
        using var next = Lease.TryTake(File, Every);
        Assert.True(next!.IsHeld);
    }

    [Theory]
    [InlineData("1999-01-01")]
    [InlineData("2199-01-01")]
    public void A_holder_on_another_machine_that_shows_nothing_is_followed_whatever_its_clock_says(string written)
    {
        System.IO.File.WriteAllText(File, """{"Machine":"elsewhere","Process":1,"Token":"t","Beats":3}""");
        System.IO.File.SetLastWriteTimeUtc(File, DateTime.Parse(written, System.Globalization.CultureInfo.InvariantCulture));

        using var taken = Lease.TryTake(File, Every);
        Assert.True(taken!.IsHeld);
    }

    [Fact]
    public void Who_stood_still_and_was_followed_knows_it()
    {
        using var still = Lease.TryTake(File, TimeSpan.FromHours(1))!; // beats no more within this test
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace(Environment.MachineName, "elsewhere", StringComparison.Ordinal));
        using var next = Lease.TryTake(File, Every);

        Assert.True(next!.IsHeld);
        Assert.False(still.IsHeld);
    }

    [Theory]
    [InlineData("elsewhere", 2)]
    [InlineData("here", 60)] // nobody waits for a process of this machine that is no more: all come at the same moment
    public void Of_many_that_try_at_once_one_holds_it(string machine, int rounds)
    {
        var dead = $$"""{"Machine":"{{(machine == "here" ? Environment.MachineName : machine)}}","Process":{{int.MaxValue}},"Token":"t","Beats":3}""";
        for (var round = 0; round < rounds; round++)
        {
            System.IO.File.WriteAllText(File, dead);
            var leases = new Lease?[6];
            Parallel.For(0, leases.Length, new() { MaxDegreeOfParallelism = leases.Length }, i => leases[i] = Lease.TryTake(File, Every));

            Assert.Single(leases, lease => lease?.IsHeld == true);
            foreach (var lease in leases) lease?.Dispose();
            Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        }
    }
}
