using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Allometry.EndToEnd.Tests;
using Allometry.Ranks;

namespace Allometry.Cluster.Tests.Mpi;

/// <summary>A recipe's runs computed by several processes, started by the real thing.</summary>
public sealed partial class RanksTests : IDisposable
{
    // GELU has no kink: with ReLU a hidden value within rounding of zero is on one side with one number of ranks and on the other with another, and AdamW makes whole steps of it.
    private const string Experts = "architecture: { kind: encoder-decoder, feed-forward: { kind: in-turn, of: [{ kind: dense, activation: gelu }, { kind: switch, expert: { kind: dense, activation: gelu }, experts: 5, balance-weight: 0.05, z-weight: 0.01, jitter: 0 }] } }";

    private static bool inside;

    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(MpiKind.OpenMpi, 2, "architecture: t5-1.1")]
    [InlineData(MpiKind.OpenMpi, 3, Experts)]
    [InlineData(MpiKind.Mpich, 2, Experts)] // its ranks spin: three on two cores take minutes
    public void Ranks_take_the_steps_of_one_process(MpiKind mpi, int ranks, string architecture)
    {
        mpi.Run(ranks, folder.Path, "run", Recipe(ranks, architecture), "--store", folder.At("together")).HasEndedWith(0);
        AllometryProcess.Run(folder.Path, "run", Recipe(1, architecture), "--store", folder.At("alone")).HasEndedWith(0);
        var (losses, others) = (Losses("alone"), Losses("together"));
        Assert.Equal(20 + 10, losses.Count);
        Assert.Equal(losses.Keys, others.Keys);
        Assert.All(losses, loss => Assert.Equal(loss.Value, others[loss.Key], 1e-6));
        var (weights, theirs) = (Weights("alone"), Weights("together"));
        Assert.Equal(weights.Header, theirs.Header);
        Assert.All(weights.Values.Zip(theirs.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.NotEqual(Run("alone"), Run("together")); // another number of ranks changes the last bits, so that it is another run
    }

    [Theory, InlineData(MpiKind.OpenMpi, 3), InlineData(MpiKind.Mpich, 2)]
    public void A_rank_that_is_killed_ends_the_job_and_the_next_one_goes_on_to_the_same_bits(MpiKind mpi, int ranks)
    {
        var recipe = Recipe(ranks, Experts, steps: 40, dropout: 0.1);
        mpi.Run(ranks, folder.Path, "run", recipe, "--store", folder.At("undisturbed")).HasEndedWith(0);
        using (var job = mpi.Start(ranks, folder.Path, "run", recipe, "--store", folder.At("killed"), "--checkpoint-every", "50ms"))
        {
            Signals.Send(Hold(job, ranks - 1, folder.At("killed")), Signals.Kill);
            Assert.True(job.HasEndedWithin(TimeSpan.FromMinutes(5)), "The other ranks go on without the one that was killed.");
            Assert.NotEqual(0, job.Wait().Code);
        }
        mpi.Run(ranks, folder.Path, "run", recipe, "--store", folder.At("killed")).HasEndedWith(0);
        Assert.Equal(Results.Of(folder.At("undisturbed")), Results.Of(folder.At("killed")));
        Assert.Equal(1, Results.WentOn(folder.At("killed")));
    }

    [Theory, InlineData(MpiKind.OpenMpi), InlineData(MpiKind.Mpich)]
    public void A_request_to_terminate_that_reaches_one_rank_alone_lets_all_save(MpiKind mpi)
    {
        var recipe = Recipe(2, "architecture: t5-1.1", steps: 40);
        mpi.Run(2, folder.Path, "run", recipe, "--store", folder.At("undisturbed")).HasEndedWith(0);
        using (var job = mpi.Start(2, folder.Path, "run", recipe, "--store", folder.At("stopped"), "--checkpoint-every", "50ms"))
        {
            var rank = Hold(job, 1, folder.At("stopped"));
            Signals.Send(rank, Signals.Terminate);
            Signals.Send(rank, Signals.Continue);
            Assert.Equal(130, job.Wait().Code);
        }
        Assert.True(Results.HasState(folder.At("stopped")));
        mpi.Run(2, folder.Path, "run", recipe, "--store", folder.At("stopped")).HasEndedWith(0);
        Assert.Equal(Results.Of(folder.At("undisturbed")), Results.Of(folder.At("stopped")));
    }

    [Fact]
    public void A_whole_study_goes_from_stage_to_stage()
    {
        const MpiKind mpi = MpiKind.OpenMpi;
        var recipe = folder.Recipe(("seeds: [1]", "seeds: [1]\nranks: 2\nthreads: 1"));
        mpi.Run(2, folder.Path, "run", recipe, "--store", folder.At("study")).HasEndedWith(0);
        Assert.Equal(6, Results.Count(folder.At("study"), "select count(distinct run) from attempts where state = 'Done'"));
        Assert.Equal(4, Results.Count(folder.At("study"), "select count(*) from measurements where name = 'element/accuracy'")); // once, though both have scored
        mpi.Run(2, folder.Path, "run", recipe, "--store", folder.At("study")).HasEndedWith(0);
        Assert.Equal(6, Results.Count(folder.At("study"), "select count(*) from attempts"));
    }

    [Theory, InlineData(MpiKind.OpenMpi), InlineData(MpiKind.Mpich)]
    public void Another_number_of_processes_than_the_recipe_asks_for_is_said(MpiKind mpi)
    {
        var ended = mpi.Run(3, folder.Path, "run", Recipe(2, "architecture: t5-1.0"));
        Assert.NotEqual(0, ended.Code);
        Assert.Contains("ranks: the recipe is computed by 2 processes together, and 3 were started", ended.Error + ended.Output, StringComparison.Ordinal);
        Assert.Contains("mpirun -np 2", ended.Error + ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_by_itself_is_told_how_to_start_the_others_and_plans_as_ever()
    {
        var recipe = Recipe(2, "architecture: t5-1.0");
        var ended = AllometryProcess.Run(folder.Path, "run", recipe);
        ended.HasEndedWith(1);
        Assert.Matches("ranks: .* started by itself; start it with: mpirun -np 2 .* srun -n 2 -K1 --mpi=pmix", ended.Error);
        AllometryProcess.Run(folder.Path, "plan", recipe).HasEndedWith(0);
    }

    [Fact]
    public void Ranks_that_cannot_share_a_part_of_a_step_are_found_out_before_anything_is_spent()
    {
        var ended = AllometryProcess.Run(folder.Path, "plan", Recipe(3, "architecture: t5-1.0", accumulate: 6));
        ended.HasEndedWith(1);
        Assert.Contains("ranks: 3 ranks cannot share the smallest part of a step of pretrain, which has 2 of the batch", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_without_MPI_is_told_what_to_install()
    {
        using var process = AllometryProcess.StartWith([("PMI_RANK", "0"), ("ALLOMETRY_MPI", "libno-such-mpi.so")], folder.Path, "run", Recipe(2, "architecture: t5-1.0"));
        var ended = process.Wait();
        ended.HasEndedWith(2);
        Assert.Matches("MPI: none of libno-such-mpi.so loads; install Open MPI .* or MPICH", ended.Error);
    }

    /// <summary>UCX would take the signal from the runtime, and the process would end. Starts itself once more, as the ranks in which it happens.</summary>
    [Theory, InlineData(MpiKind.OpenMpi), InlineData(MpiKind.Mpich)]
    public void A_null_reference_stays_an_exception_beside_a_library_that_handles_signals(MpiKind mpi)
    {
        if (Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_RANK") is null && Environment.GetEnvironmentVariable("PMI_RANK") is null)
        {
            using var job = mpi.StartOther(Environment.ProcessPath!, 2, folder.Path, "--filter-method", "*A_null_reference_stays*");
            var ended = job.Wait();
            Assert.True(ended.Code == 0, ended.Output + ended.Error);
            return;
        }
        if (inside) return; // both kinds are asked for, and a process can join once
        inside = true;
        using var peers = MpiPeers.Join(2);
        Assert.Equal(2, peers.Sum(1));
        Assert.Throws<NullReferenceException>(() => Length(null!));
        Assert.Equal(1, peers.Sum(peers.Rank));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Length(string text) => text.Length;

    /// <summary>The process of a rank, standing still past a checkpoint and before the end: the others wait for it.</summary>
    private int Hold(AllometryProcess job, int rank, string store)
    {
        int? process = null;
        job.Until(() => (process = MpiKinds.ProcessOf(rank, folder.Path)) is not null);
        job.Until(() =>
        {
            if (!Results.HasState(store)) return false;
            Signals.Send(process!.Value, Signals.Stop);
            if (Results.HasState(store)) return true;
            Signals.Send(process.Value, Signals.Continue);
            return false;
        });
        return process!.Value;
    }

    /// <summary>Pre-training of 20 steps, each of 12 sequences in two parts.</summary>
    private string Recipe(int ranks, string architecture, int steps = 20, double dropout = 0, int accumulate = 2) => folder.Write($"ranks-{ranks}.yaml", FormattableString.Invariant($$"""
        name: ranks
        {{architecture}}
        vocabulary: bytes
        corpus: { files: [{{Path.Combine(AllometryProcess.Repository, "data/smoke/text.jsonl")}}], field: text, held-out: 0.05 }
        shapes: [{ name: little, model-width: 32, feed-forward-width: 48, head-width: 16, heads: 2, encoder-layers: 2, decoder-layers: 2 }]
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 32, batch: 12, accumulate: {{accumulate}}, dropout: {{dropout}}, learning-rate: 0.001, optimizer: adamw, budget: { steps: {{steps}} } }
        threads: 1
        ranks: {{ranks}}
        """));

    private string Run(string store) => Path.GetFileName(Directory.EnumerateDirectories(folder.At(store, "artifacts")).Single());

    private SortedDictionary<string, double> Losses(string store)
    {
        var losses = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var match in Results.Of(folder.At(store)).Select(line => LossLine().Match(line)).Where(match => match.Success))
            losses.Add(match.Groups["name"].Value, double.Parse(match.Groups["value"].Value, System.Globalization.CultureInfo.InvariantCulture));
        return losses;
    }

    /// <summary>Of a safetensors file its header, which names the weights and their places, and all values behind it.</summary>
    private (string Header, float[] Values) Weights(string store)
    {
        var bytes = File.ReadAllBytes(folder.At(store, "artifacts", Run(store), "model", "model.safetensors"));
        var length = (int)BitConverter.ToInt64(bytes);
        return (System.Text.Encoding.UTF8.GetString(bytes, 8, length), MemoryMarshal.Cast<byte, float>(bytes.AsSpan(8 + length)).ToArray());
    }

    [GeneratedRegex(@"^\w+ (?<name>(validation-)?loss \d+) \w+ (?<value>\S+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex LossLine();
}
