using Allometry.Backends;

namespace Allometry.Cli;

/// <summary>Looks for the wish of another process, on this machine or another that sees the store, that a study stops.</summary>
public sealed class CancelRequest : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(0.5);

    private readonly string store;
    private readonly Timer timer;

    /// <summary>Calls <paramref name="stop"/> when a wish appears; one from before is forgotten.</summary>
    public CancelRequest(string store, Action stop)
    {
        this.store = store;
        CancelWish.Forget(store);
        timer = new(_ => { if (CancelWish.IsMade(store)) stop(); }, null, Every, Every);
    }

    public void Dispose()
    {
        timer.Dispose();
        CancelWish.Forget(store);
    }
}
