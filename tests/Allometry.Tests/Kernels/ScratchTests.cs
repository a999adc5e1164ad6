using Allometry.Kernels;

namespace Allometry.Tests.Kernels;

public unsafe class ScratchTests
{
    [Fact]
    public void Pieces_of_one_frame_do_not_overlap_and_each_begins_a_cache_line() => OnNewThread(() =>
    {
        for (var round = 0; round < 3; round++) // by the second one memory is kept
        {
            using var frame = Scratch.Open();
            var pieces = new List<(nint At, int Count)>();
            foreach (var count in (int[])[1, 15, 16, 17, 1000, 3, 70_000]) pieces.Add(((nint)frame.Floats(count), count));
            for (var i = 0; i < pieces.Count; i++) new Span<float>((void*)pieces[i].At, pieces[i].Count).Fill(i);
            for (var i = 0; i < pieces.Count; i++)
            {
                Assert.Equal(0, pieces[i].At % 64);
                Assert.False(new Span<float>((void*)pieces[i].At, pieces[i].Count).ContainsAnyExcept(i));
            }
        }
    });

    [Fact]
    public void A_frame_that_fits_gets_the_memory_of_the_one_before() => OnNewThread(() =>
    {
        Assert.NotEqual(0, First(5000)); // grows
        var kept = First(5000);
        Assert.Equal(kept, First(5000));
        Assert.Equal(kept, First(100));
        First(50_000);
        Assert.Equal(First(50_000), First(5000));
    });

    [Fact]
    public void A_frame_within_a_frame_leaves_what_the_outer_one_took() => OnNewThread(() =>
    {
        for (var round = 0; round < 3; round++)
        {
            using var outer = Scratch.Open();
            var before = new Span<float>(outer.Floats(100), 100);
            before.Fill(1);
            using (var inner = Scratch.Open()) new Span<float>(inner.Floats(3000), 3000).Fill(2);
            var after = new Span<float>(outer.Floats(2000), 2000);
            after.Fill(3);
            Assert.False(before.ContainsAnyExcept(1));
            Assert.False(after.ContainsAnyExcept(3));
        }
    });

    [Fact]
    public void Each_thread_has_memory_of_its_own() => OnNewThread(() =>
    {
        using var frame = Scratch.Open();
        var here = (nint)frame.Floats(64);
        OnNewThread(() => Assert.NotEqual(here, First(64)));
    });

    [Fact]
    public void A_matrix_of_scratch_has_its_sizes() => OnNewThread(() =>
    {
        using var frame = Scratch.Open();
        var matrix = frame.Matrix(3, 5);
        Assert.Equal((3, 5, 5, 15L, false, true), (matrix.Rows, matrix.Columns, matrix.Stride, matrix.Cells, matrix.Flipped, matrix.IsThere));
    });

    private static nint First(long floats)
    {
        using var frame = Scratch.Open();
        return (nint)frame.Floats(floats);
    }

    private static void OnNewThread(Action body)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try { body(); }
            catch (Exception cause) { failure = cause; }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
    }
}
