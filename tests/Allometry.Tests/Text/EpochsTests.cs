using Allometry.Text;

namespace Allometry.Tests.Text;

public class EpochsTests
{
    [Fact]
    public void Every_epoch_visits_every_item_once_and_in_an_order_of_its_own()
    {
        var epochs = new Epochs(50, seed: 3, "test");
        int[] first = Epoch(epochs, 0), second = Epoch(epochs, 1);

        Assert.Equal(Enumerable.Range(0, 50), first.Order());
        Assert.Equal(Enumerable.Range(0, 50), second.Order());
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void What_stands_at_an_index_depends_on_nothing_that_was_asked_before()
    {
        var asked = new Epochs(50, 3, "test");
        Epoch(asked, 7);
        Assert.Equal(Epoch(new Epochs(50, 3, "test"), 2), Epoch(asked, 2));
        Assert.NotEqual(Epoch(new Epochs(50, 4, "test"), 2), Epoch(asked, 2));
    }

    private static int[] Epoch(Epochs epochs, int epoch) => [.. Enumerable.Range(0, 50).Select(i => epochs.At(50L * epoch + i))];
}
