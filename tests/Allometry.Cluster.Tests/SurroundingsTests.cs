namespace Allometry.Cluster.Tests;

public sealed class SurroundingsTests
{
    [Fact]
    public void A_command_is_found_where_the_shell_finds_it_and_one_that_nobody_has_is_not()
    {
        Assert.True(Surroundings.Has("sh"));
        Assert.False(Surroundings.Has("no-such-command-here"));
    }
}
