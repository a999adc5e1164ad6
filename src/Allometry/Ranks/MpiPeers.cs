using System.Globalization;
using System.Text;
using Allometry.Kinds;

namespace Allometry.Ranks;

/// <summary>The processes that <c>mpirun</c> or <c>srun --mpi=pmix</c> has started. Sums of gradients go over a communicator of their own, so that they may be under way while other calls are made.</summary>
public sealed unsafe class MpiPeers : Peers
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly MpiLibrary mpi = MpiLibrary.This;
    private readonly nint world, sums;
    private readonly int rank, count;

    private MpiPeers()
    {
        int provided, mine, all;
        _ = Mpi.Init(0, 0, Mpi.Serialized, &provided);
        _ = Mpi.Rank(mpi.World, &mine);
        _ = Mpi.Size(mpi.World, &all);
        nint own = 0, beside = 0;
        _ = Mpi.Copy(mpi.World, &own);
        _ = Mpi.Copy(mpi.World, &beside);
        (rank, count, world, sums) = (mine, all, own, beside);
    }

    public override int Rank => rank;

    public override int Count => count;

    /// <summary>Joins the others, once in the life of a process; another number of them than the recipe's is an <see cref="InputException"/>, a missing library a <see cref="RunFailedException"/>.</summary>
    public static MpiPeers Join(int ranks)
    {
        var mend = string.Create(CultureInfo.InvariantCulture, $"start it with: mpirun -np {ranks} allometry run ..., or in a Slurm job with: srun -n {ranks} -K1 --mpi=pmix allometry run ...");
        if (!MpiLibrary.IsStarted) throw new InputException("ranks", $"the recipe is computed by {ranks} processes together, and this one was started by itself", mend);
        var peers = new MpiPeers();
        return peers.Count == ranks ? peers : throw new InputException("ranks", $"the recipe is computed by {ranks} processes together, and {peers.Count} were started (with {peers.mpi.File})", mend);
    }

    public override void Sum(Span<double> values)
    {
        fixed (double* first = values) _ = Mpi.Reduce(mpi.InPlace, first, values.Length, mpi.Double, mpi.Sum, world);
    }

    public override Pending BeginSum(float* values, int count)
    {
        var sum = new Sending(mpi);
        fixed (nint* request = &sum.Request) _ = Mpi.BeginReduce(mpi.InPlace, values, count, mpi.Float, mpi.Sum, sums, request);
        return sum;
    }

    public override void Exchange(ReadOnlySpan<float> given, ReadOnlySpan<int> toEach, Span<float> received, ReadOnlySpan<int> fromEach)
    {
        fixed (float* send = given, receive = received)
        fixed (int* sent = toEach, sentFrom = Starts(toEach), arrived = fromEach, arrivedAt = Starts(fromEach))
            _ = Mpi.ExchangeUneven(send, sent, sentFrom, mpi.Float, receive, arrived, arrivedAt, mpi.Float, world);
    }

    public override void Exchange(ReadOnlySpan<int> given, Span<int> received)
    {
        fixed (int* send = given, receive = received) _ = Mpi.Exchange(send, given.Length / count, mpi.Int, receive, given.Length / count, mpi.Int, world);
    }

    public override string Tell(string? word)
    {
        var text = Encoding.UTF8.GetBytes(word ?? "");
        int length = text.Length;
        Tell((byte*)&length, sizeof(int));
        if (!IsFirst) text = new byte[length];
        fixed (byte* first = text) Tell(first, length);
        return Encoding.UTF8.GetString(text);
    }

    public override void Dispose()
    {
        _ = Mpi.Leave();
        base.Dispose();
    }

    private void Tell(byte* bytes, int length)
    {
        nint request = 0;
        _ = Mpi.BeginTelling(bytes, length, mpi.Byte, 0, world, &request);
        for (int done = 0; ; Thread.Sleep(Pause))
        {
            _ = Mpi.Test(&request, &done, mpi.StatusIgnore);
            if (done != 0) return;
        }
    }

    private static int[] Starts(ReadOnlySpan<int> counts)
    {
        var starts = new int[counts.Length];
        for (var i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + counts[i - 1];
        return starts;
    }

    private sealed class Sending(MpiLibrary mpi) : Pending
    {
        public nint Request;

        public override void Advance()
        {
            int done;
            fixed (nint* request = &Request) _ = Mpi.Test(request, &done, mpi.StatusIgnore);
        }

        public override void Wait()
        {
            fixed (nint* request = &Request) _ = Mpi.Wait(request, mpi.StatusIgnore);
        }
    }
}
