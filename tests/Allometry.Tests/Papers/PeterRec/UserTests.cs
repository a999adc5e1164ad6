using Allometry.Costs;
using Allometry.Models;
using Allometry.Papers.PeterRec;
using Allometry.Tasks;
using Allometry.Tasks.Items;
using Allometry.Tests.Store;
using Allometry.Text;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.PeterRec;

/// <summary>From a user's items to the scores of answers (peterrec.md section 8).</summary>
public class UserTests
{
    private const int Token = 30;

    [Fact]
    public void An_item_changes_nothing_before_it_and_nothing_beyond_the_receptive_field()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = Network.Build(causal: true, layers: 1); // convolutions at 1 and 2: 1 + 2 * (1 + 2) = 7 positions
        int[] items = [.. Enumerable.Range(3, 20)], changed = [.. items];
        changed[5] = 29;
        var (before, after) = (Network.States(model, items), Network.States(model, changed));
        var differs = Enumerable.Range(0, 20).Where(t => !before[0, t].bytes.SequenceEqual(after[0, t].bytes)).ToList();
        Assert.Equal(Enumerable.Range(5, 7), differs);
    }

    [Fact]
    public void Asked_at_the_first_token_a_causal_network_knows_nothing_of_a_user_and_one_that_sees_both_sides_does()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        foreach (var causal in (bool[])[true, false])
        {
            using var model = Network.Build(causal);
            var states = Network.States(model, [Token, 3, 4, 5], [Token, 9, 8, 7]);
            Assert.Equal(causal, states[0, 0].bytes.SequenceEqual(states[1, 0].bytes));
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Scores_of_a_user_do_not_depend_on_who_else_is_asked_about(bool causal)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = Network.Build(causal, answers: 6);
        int[] user = causal ? [3, 4, 5, Token] : [Token, 3, 4, 5, Token], other = [Token, .. Enumerable.Range(3, 15), Token];
        var (alone, together) = (Network.Scores(model, user), Network.Scores(model, user, other));
        Assert.Equal([1L, 6L], alone.shape);
        Assert.True(alone[0].allclose(together[0], 1e-5, 1e-6));
        Assert.False(together[0].allclose(together[1], 1e-3, 1e-4));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_user_without_history_and_one_of_unknown_items_have_scores_too(bool causal)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var model = Network.Build(causal, answers: 6);
        var tokenizer = new ItemVocabulary(new(folder.File("users.txt", "1 a b c\n"))) { Added = [ItemVocabulary.TaskToken] }.Load(folder.Path);
        var asking = new Asking(tokenizer, 12, tokenizer.Encode(ItemVocabulary.TaskToken).Single(), BothSides: !causal);
        ItemQuestion Question(int number, params string[] sources) => new(new(number, sources, [0], sources.Length), 0);
        var told = asking.Told(model, [Question(1), Question(2, "never", "seen"), Question(3), Question(4, "a", "b"), Question(4, "a", "b")], TestContext.Current.CancellationToken).Select(one => one.Scores).ToList();
        Assert.All(told, scores => Assert.All(scores, score => Assert.True(float.IsFinite(score))));
        Assert.Equal(told[0], told[2]);
        Assert.Same(told[3], told[4]);
        Assert.NotEqual(told[0], told[1]);
        Assert.NotEqual(told[1], told[3]);
    }

    [Fact]
    public void The_padding_token_can_be_asked_at_as_one_of_its_own_is()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = Network.Build(causal: true, answers: 6);
        model.get_parameter("embedding.weight")![Token].copy_(model.get_parameter("embedding.weight")![Tokenizer.Pad]);
        // The shorter row has padding behind its token, which is the same number and yet no part of it.
        var (shared, own) = (Network.Scores(model, [3, 4, Tokenizer.Pad], [5, 6, 7, 8, Tokenizer.Pad]), Network.Scores(model, [3, 4, Token], [5, 6, 7, 8, Token]));
        Assert.Equal(own.bytes, shared.bytes);
    }

    [Fact]
    public void Only_the_last_items_of_a_long_history_are_looked_at()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = new ItemVocabulary(new(folder.File("users.txt", "1 a b c\n"))) { Added = [ItemVocabulary.TaskToken] }.Load(folder.Path);
        var question = new ItemQuestion(new(1, ["a", "b", "c"], [4], 3), 4);
        var (causal, both) = (new Asking(tokenizer, 2, 7, false).Of(question), new Asking(tokenizer, 2, 7, true).Of(question));
        Assert.Equal([4, 5, 7], causal.Inputs);
        Assert.Equal([7, 4, 5, 7], both.Inputs);
        Assert.Equal([5], causal.Targets);
    }

    [Theory]
    [InlineData(PatchSites.Serial2, true)]
    [InlineData(PatchSites.Serial1, true)]
    [InlineData(PatchSites.Parallel2NoSkip, true)]
    [InlineData(PatchSites.Parallel2Skip, false)]
    public void A_network_with_zero_branches_is_the_pre_trained_one_but_for_the_skip(PatchSites sites, bool same)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var folder = new TemporaryFolder();
        using var model = Network.Build(causal: true);
        Checkpoint.Save(model, Path.Combine(folder.Path, "model"));
        using var grafted = Checkpoint.Load(Path.Combine(folder.Path, "model"), Network.Of(true, patch: new ConvolutionPatch(2, sites, FromZero: true)));
        grafted.eval();
        Assert.Equal(same, Network.States(model, [3, 4, 5, 6]).bytes.SequenceEqual(Network.States(grafted, [3, 4, 5, 6]).bytes));
    }

    [Theory, InlineData(ItemLoss.CrossEntropy), InlineData(ItemLoss.Binary), InlineData(ItemLoss.Pairwise)]
    public void A_loss_is_that_of_the_scores(ItemLoss loss)
    {
        using var scope = NewDisposeScope();
        using var model = Network.Build(causal: true, answers: 6);
        int[][] users = [[3, 4, Token], [5, 6, 7, Token]];
        using var batch = Batch.Of([new(users[0], [3, 5]), new(users[1], [1, 6])]); // answers 2 and 0, beside them 4 and 5
        var scores = Network.Scores(model, users).to(float64);
        double Score(int user, int answer) => scores[user, answer].item<double>();
        double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        var expected = ((int Wanted, int Other)[])[(2, 4), (0, 5)] is var pairs ? loss switch
        {
            ItemLoss.CrossEntropy => pairs.Index().Sum(pair => -scores[pair.Index].log_softmax(0)[pair.Item.Wanted].item<double>()),
            ItemLoss.Binary => pairs.Index().Sum(pair => -Math.Log(Sigmoid(Score(pair.Index, pair.Item.Wanted))) - Math.Log(1 - Sigmoid(Score(pair.Index, pair.Item.Other)))),
            _ => pairs.Index().Sum(pair => -Math.Log(Sigmoid(Score(pair.Index, pair.Item.Wanted) - Score(pair.Index, pair.Item.Other)))),
        } : 0;
        var computed = loss.Loss(model, batch, new());
        Assert.Equal(2, computed.Tokens);
        Assert.Equal(expected, computed.Sum.item<float>(), 1e-5);
        Assert.Equal(expected, computed.CrossEntropy.item<float>(), 1e-5);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Sixteen_users_with_an_answer_each_are_learnt_by_heart(bool causal)
    {
        using var scope = NewDisposeScope();
        using var model = Network.Build(causal, answers: 16);
        Example[] users = [.. Enumerable.Range(0, 16).Select(user => new Example([Token, 3 + user, 3 + (user * 7 % 20), Token], [user + 1]))];
        using var trainer = new Trainer(model, (m, batch, options) => ItemLoss.CrossEntropy.Loss(m, batch, options), new ItemBatches(users, null, 16, 1), new(new AdamW(WeightDecay: 0), 0.02, new Constant()), 120, 1);
        Assert.Equal(120, trainer.Steps(TestContext.Current.CancellationToken).Count());
        model.eval();
        var best = Network.Scores(model, [.. users.Select(user => user.Inputs)]).argmax(1).data<long>().ToArray();
        Assert.Equal(Enumerable.Range(0, 16).Select(user => (long)user), best);
    }

    [Fact]
    public void A_second_answer_is_drawn_anew_for_every_epoch_and_the_same_when_asked_again()
    {
        Example[] users = [.. Enumerable.Range(0, 4).Select(user => new Example([3], [user + 1]))];
        var batches = new ItemBatches(users, 100, 4, 1);
        Assert.All(batches.At(3), example => Assert.True(example.Targets is [var right, var other] && right != other && other is >= 1 and <= 100));
        Assert.Equal(batches.At(3).Select(example => example.Targets[1]), batches.At(3).Select(example => example.Targets[1]));
        Assert.True(Enumerable.Range(0, 20).SelectMany(step => batches.At(step)).Where(example => example.Targets[0] == 1).Select(example => example.Targets[1]).Distinct().Count() > 10);
        Assert.All(new ItemBatches(users, null, 4, 1).At(3), example => Assert.Single(example.Targets));
    }

    [Fact]
    public void A_pre_training_of_175_items_has_as_many_numbers_as_the_authors_file_but_for_their_output_bias()
    {
        // 2,667,068 bytes: weights, both moments of Adam and two powers; the output layer has a bias there.
        var weights = Network.Of(causal: true).Count(new Shape(64, 8, 8, 1, 0, 8, 175), new Setting()).Parameters;
        Assert.Equal(2_667_068 / 4, (3 * (weights + 175)) + 2);
    }

    [Fact]
    public void Patches_second_norms_and_answers_have_the_pilots_numbers_of_parameters()
    {
        var adaptation = new Adaptation(new ConvolutionPatch(4), ["secondnorm", "answers"]);
        var sheet = adaptation.Graft(Network.Of(causal: true, answers: 5700)).Count(new Shape(32, 8, 8, 1, 0, 4, 14_335), new Setting());
        Assert.Equal(2_592 + 182_400, sheet.Weights.Where(weight => adaptation.Trains(weight.Name)).Sum(weight => weight.Count));
        Assert.Equal(484_064 + 182_400, Network.Of(causal: true, answers: 5700).Count(new Shape(32, 8, 8, 1, 0, 4, 14_335), new Setting()).Parameters);
    }
}
