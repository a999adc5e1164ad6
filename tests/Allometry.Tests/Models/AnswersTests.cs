using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tests.Store;
using Allometry.Tests.Training;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Models;

/// <summary>A model that scores a task's answers where another predicts tokens.</summary>
public class AnswersTests
{
    public static TheoryData<bool> Tied => [true, false];

    [Theory, MemberData(nameof(Tied))]
    public void Answers_stand_in_the_place_of_the_head_and_are_counted(bool tied)
    {
        var architecture = new EncoderDecoder { Tied = tied, Answers = 5 };
        using var model = architecture.Build(Tiny.Shape, META);
        Assert.Equal(architecture.Count(Tiny.Shape, new Setting()).Weights.Select(weight => (weight.Name, string.Join('x', weight.Shape))).Order(),
            model.named_parameters().Select(parameter => (parameter.name, string.Join('x', parameter.parameter.shape))).Order());
        Assert.Equal(2.0 * 3 * Tiny.Shape.ModelWidth * 5, architecture.Count(Tiny.Shape, new Setting(3)).At("answers")!.ForwardFlops);
    }

    [Fact]
    public void Scores_are_products_with_the_rows_of_the_table()
    {
        using var scope = NewDisposeScope();
        using var model = new EncoderDecoder { Answers = 5 }.Build(Tiny.Shape);
        var whole = randn(2, Tiny.Shape.ModelWidth);
        var (scores, table) = (model.Answer(whole), model.get_parameter("answers.weight")!);
        Assert.Equal((whole[1] * table[4]).sum().item<float>(), scores[1, 4].item<float>(), 1e-4);
    }

    [Fact]
    public void Such_a_model_predicts_no_tokens_and_others_have_no_answers()
    {
        using var scope = NewDisposeScope();
        using var answering = new EncoderDecoder { Answers = 5 }.Build(Tiny.Shape);
        using var writing = Tiny.Model(seed: 1);
        var ids = ones([1, 3], int64);
        Assert.Contains("predicts no tokens", Assert.Throws<InputException>(() => answering.Logits(ids, null, ids)).Message, StringComparison.Ordinal);
        Assert.Contains("predicts no tokens", Assert.Throws<InputException>(() => answering.Rank(ids, null, ids)).Message, StringComparison.Ordinal);
        Assert.Contains("no answers to score", Assert.Throws<InputException>(() => writing.Answer(randn(1, Tiny.Shape.ModelWidth))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_answers_begins_with_everything_of_another_but_its_head()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var architecture = new EncoderDecoder { Tied = false };
        using var writing = architecture.Build(Tiny.Shape);
        Checkpoint.Save(writing, Path.Combine(folder.Path, "model"));
        using var answering = Checkpoint.Load(Path.Combine(folder.Path, "model"), architecture with { Answers = 5 });
        var begun = answering.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        Assert.Equal(writing.named_parameters().Select(parameter => parameter.name).Except(["head.weight"]).Append("answers.weight").Order(), begun.Keys.Order());
        Assert.All(writing.named_parameters().Where(parameter => parameter.name != "head.weight"), parameter => Assert.Equal(parameter.parameter.bytes, begun[parameter.name].bytes));
        // A model without answers still misses no tensor silently.
        Assert.Contains("head.weight", Assert.Throws<InputException>(() => Checkpoint.Load(Path.Combine(folder.Path, "model"), architecture with { Tied = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_branch_from_zero_is_zero_whatever_the_initialisation()
    {
        using var scope = NewDisposeScope();
        foreach (var entry in Catalogue.Of(typeof(Initialisation)))
        {
            using var model = new EncoderDecoder { Patch = new Bottleneck(4), Initialisation = (Initialisation)entry.Default() }.Build(Tiny.Shape);
            var ups = model.named_parameters().Where(parameter => parameter.name.EndsWith(".up.weight", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(ups);
            Assert.All(ups, up => Assert.Equal(0, up.parameter.abs().max().item<float>()));
        }
    }
}
