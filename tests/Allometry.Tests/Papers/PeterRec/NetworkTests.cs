using System.Text.Json.Nodes;
using Allometry.Models;
using Allometry.Papers.PeterRec;
using Allometry.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.PeterRec;

/// <summary>The worked network: embeddings, two blocks, the pre-training's head; then a user vector at the last token and scores of targets.</summary>
public class NetworkTests
{
    [Theory, InlineData(true), InlineData(false)]
    public void Pretraining_and_transfer_have_the_worked_losses(bool exact)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var (golden, type, tolerance) = (Goldens.Json("peterrec-block.json")["network"]!, exact ? float64 : float32, exact ? 1e-8 : 1e-5);
        var (d, k) = (golden["config"]!["d"]!.GetValue<int>(), golden["config"]!["k"]!.GetValue<int>());
        using var plain = Network(golden, null).to(type);
        using var patched = Network(golden, new ConvolutionPatch(k)).to(type);
        var (weights, headBias, targets) = Weights(golden, type);
        foreach (var model in (LanguageModel[])[plain, patched])
            foreach (var (name, parameter) in model.named_parameters()) parameter.copy_(weights[name]);

        var sequences = Ids(golden["sequences"]!);
        var (before, after) = (sequences[.., ..^1], sequences[.., 1..].reshape(-1));
        var logits = Last(plain, before).reshape(-1, d).matmul(plain.get_parameter("head.weight")!.t()) + headBias;
        Assert.Equal(golden["pretrain_ce_all_positions"]!.GetValue<double>(), nn.functional.cross_entropy(logits, after).to(float64).item<double>(), tolerance);
        var masked = nn.functional.cross_entropy(logits, after, ignore_index: 0);
        Assert.Equal(golden["pretrain_ce_pad_targets_masked"]!.GetValue<double>(), masked.to(float64).item<double>(), tolerance);

        var states = Last(patched, Ids(golden["finetune_ids"]!));
        var users = states.select(1, states.size(1) - 1);
        var scores = users.matmul(targets.t());
        Close(golden["user_vector"]!, users);
        Close(golden["scores"]!, scores);
        Tensor Of(string member) => scores.gather(1, tensor(golden[member]!.AsArray().Select(id => id!.GetValue<long>()).ToArray()).unsqueeze(1)).squeeze(1);
        Assert.Equal(golden["bce_pairwise"]!.GetValue<double>(), PairLosses.BinaryCrossEntropy(Of("pos"), Of("neg")).to(float64).item<double>(), tolerance);
        Assert.Equal(golden["bpr"]!.GetValue<double>(), PairLosses.PersonalisedRanking(Of("pos"), Of("neg")).to(float64).item<double>(), tolerance);
        var wanted = tensor(golden["pos"]!.AsArray().Select(id => id!.GetValue<long>()).ToArray());
        Assert.Equal(golden["softmax_ce"]!.GetValue<double>(), nn.functional.cross_entropy(scores, wanted).to(float64).item<double>(), tolerance);

        void Close(JsonNode expected, Tensor actual) => Assert.All(expected.AsArray().Select(number => number!.GetValue<double>()).Zip(actual.to(float64).flatten().data<double>().ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    [Fact]
    public void Losses_of_pairs_are_the_worked_ones_however_large_the_scores()
    {
        using var scope = NewDisposeScope();
        var golden = Goldens.Json("peterrec-block.json")["losses"]!;
        Tensor Scores(string member) => tensor(golden[member]!.AsArray().Select(score => score!.GetValue<double>()).ToArray());
        Assert.Equal(golden["bpr"]!.GetValue<double>(), PairLosses.PersonalisedRanking(Scores("pos"), Scores("neg")).item<double>(), 1e-9);
        Assert.Equal(golden["bce"]!.GetValue<double>(), PairLosses.BinaryCrossEntropy(Scores("pos"), Scores("neg")).item<double>(), 1e-9);
        var far = tensor(new[] { -500f }).requires_grad_();
        PairLosses.BinaryCrossEntropy(far, -far).backward();
        Assert.Equal(-2, far.grad!.item<float>(), 1e-6); // the guard of the authors' code would have no gradient here
    }

    /// <summary>The network's weights by our names, its output's bias and the table of targets, filled by one counter. The file counts patches whether they are there or not.</summary>
    private static (Dictionary<string, Tensor> Weights, Tensor HeadBias, Tensor Targets) Weights(JsonNode golden, ScalarType type)
    {
        int Int(string member) => golden["config"]![member]!.GetValue<int>();
        var (d, k, items) = (Int("d"), Int("k"), Int("V"));
        var counter = 0;
        Tensor Next(double scale, double shift, params long[] sizes)
        {
            var count = (int)sizes.Aggregate(1L, (product, size) => product * size);
            counter += count;
            return tensor(Enumerable.Range(counter - count + 1, count).Select(i => shift + (scale * Math.Sin(i))).ToArray(), type).view(sizes);
        }
        var weights = new Dictionary<string, Tensor> { ["embedding.weight"] = Next(0.5, 0, items, d) };
        for (var block = 0; block < 2; block++)
        {
            var at = $"decoder.layers.{block}.sublayers.0.mixer.";
            foreach (var which in (string[])["first", "second"])
            {
                weights[$"{at}{which}convolution.weight"] = Next(0.1, 0, d, d, 3).transpose(1, 2).reshape(d, 3 * d);
                weights[$"{at}{which}convolution.bias"] = Next(0.1, 0, d);
                weights[$"{at}{which}norm.weight"] = Next(0.1, 1, d);
                weights[$"{at}{which}norm.bias"] = Next(0.1, 0, d);
            }
            foreach (var which in (string[])["first", "second"])
            {
                weights[$"{at}{which}patch.down.weight"] = Next(0.1, 0, k, d);
                weights[$"{at}{which}patch.down.bias"] = Next(0.1, 0, k);
                weights[$"{at}{which}patch.up.weight"] = Next(0.1, 0, d, k);
                weights[$"{at}{which}patch.up.bias"] = Next(0.1, 0, d);
            }
        }
        weights["head.weight"] = Next(0.1, 0, items, d);
        return (weights, Next(0.1, 0, items), Next(0.1, 0, Int("C"), d));
    }

    private static LanguageModel Network(JsonNode golden, Patch? patch)
    {
        var config = golden["config"]!;
        var pattern = config["dilations"]!.AsArray().Select(dilation => (IReadOnlyList<Sublayer>)[new ConvolutionBlock(dilation!.GetValue<int>()) { MaskPadding = false }]);
        var architecture = new DecoderOnly { Norm = new NoNorm(), Positions = new NoPositions(), Tied = false, Rescaled = false, StartToken = false, Decoder = new Stack([.. pattern]), Patch = patch };
        var model = architecture.Build(new Shape(config["d"]!.GetValue<int>(), 4, 4, 1, 0, 2, config["V"]!.GetValue<int>()));
        model.eval();
        return model;
    }

    private static Tensor Ids(JsonNode rows) => tensor(rows.AsArray().SelectMany(row => row!.AsArray().Select(id => id!.GetValue<long>())).ToArray()).view(rows.AsArray().Count, -1);

    private static Tensor Last(LanguageModel model, Tensor ids) => model.Read(ids, null)["decoder"][^1];
}
