namespace Allometry.Ranks;

internal sealed unsafe class Alone : Peers
{
    public override int Rank => 0;

    public override int Count => 1;

    public override void Sum(Span<double> values) { }

    public override Pending BeginSum(float* values, int count) => new Done();

    public override void Exchange(ReadOnlySpan<float> given, ReadOnlySpan<int> toEach, Span<float> received, ReadOnlySpan<int> fromEach) => given.CopyTo(received);

    public override void Exchange(ReadOnlySpan<int> given, Span<int> received) => given.CopyTo(received);

    public override string Tell(string? word) => word ?? "";

    private sealed class Done : Pending
    {
        public override void Advance() { }

        public override void Wait() { }
    }
}
