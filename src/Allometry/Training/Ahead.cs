namespace Allometry.Training;

/// <summary>
/// What the coming steps need, made on another thread while the caller is still at the present one: one after the other and never more than <paramref name="most"/> that nobody has taken.
/// What is made depends on the step alone, so it is the same as made in place. What goes wrong is thrown to whoever takes that step, as it was thrown where it was made.
/// </summary>
public sealed class Ahead<T>(Func<long, T> make, long first, long end, int most = 2) : IDisposable where T : IDisposable
{
    private readonly Queue<Task<T>> coming = new();
    private readonly CancellationTokenSource abandoned = new();
    private Task latest = Task.CompletedTask;
    private long next = first;

    /// <summary>That of the next step, waiting for it where it is not ready; the caller disposes it.</summary>
    public T Take()
    {
        Prepare();
        var taken = coming.Dequeue();
        Prepare();
        return taken.GetAwaiter().GetResult();
    }

    /// <summary>Waits for what is being made and gives up what nobody has taken.</summary>
    public void Dispose()
    {
        abandoned.Cancel();
        foreach (var task in coming)
        {
            Task.WaitAny(task);
            if (task.IsCompletedSuccessfully) task.Result.Dispose();
        }
        coming.Clear();
        abandoned.Dispose();
    }

    private void Prepare()
    {
        for (; coming.Count < most && next < end; next++)
        {
            var step = next;
            var task = latest.ContinueWith(_ => make(step), abandoned.Token, TaskContinuationOptions.None, TaskScheduler.Default);
            coming.Enqueue(task);
            latest = task;
        }
    }
}
