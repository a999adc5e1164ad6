using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Switch;
using Allometry.Tasks;
using Allometry.Tests.Experiments;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

/// <summary>A sparse teacher and a dense student, beside sums written out.</summary>
public sealed class DistillationTests : IDisposable
{
    private static readonly Shape Shape = new(8, 12, 4, 2, 2, 2, 30);

    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly LanguageModel teacher = Build(new EncoderDecoder { FeedForward = new InTurnFeedForward { Of = [new DenseFeedForward(), new SwitchFeedForward(3)] } }, 1), student = Build(new EncoderDecoder(), 2);
    private readonly Batch batch = Batch.Of([new Example([3, 9, 4, 1], [5, 7, 1]), new Example([8, 2, 1], [6, 1])]);

    public void Dispose()
    {
        teacher.Dispose();
        student.Dispose();
        batch.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void The_loss_is_three_parts_text_and_one_part_teacher()
    {
        var (s, t) = (Logits(student).log_softmax(-1), Logits(teacher).softmax(-1));
        var (hard, soft) = (0.0, 0.0);
        foreach (var (row, position, target) in ((int, int, int)[])[(0, 0, 5), (0, 1, 7), (0, 2, 1), (1, 0, 6), (1, 1, 1)])
        {
            hard -= s[row, position, target].item<float>();
            for (var token = 0; token < 30; token++) soft -= t[row, position, token].item<float>() * s[row, position, token].item<float>();
        }
        var loss = new Distillation(teacher, 0.75).Loss(student, batch, new LossOptions());
        Assert.Equal((0.75 * hard) + (0.25 * soft), loss.Sum.item<float>(), 1e-4);
        Assert.Equal(hard, loss.CrossEntropy.item<float>(), 1e-4);
        Assert.Equal(5, loss.Tokens);
    }

    [Theory, InlineData(1), InlineData(60), InlineData(1 << 20)]
    public void Its_gradients_are_those_of_the_loss_written_out_however_few_logits_there_are_at_once(long logitsAtOnce)
    {
        var counted = batch.Targets.gt(LanguageModel.Pad).reshape(-1).nonzero().view(-1);
        Tensor Rows(LanguageModel model) => Logits(model).reshape(-1, 30).index_select(0, counted);
        var (s, t) = (Rows(student).log_softmax(-1), Rows(teacher).softmax(-1).detach());
        var hard = -s.gather(1, batch.Targets.reshape(-1).index_select(0, counted).unsqueeze(1)).sum();
        var expected = Gradients((0.75 * hard) - (0.25 * (t * s).sum()));
        var actual = Gradients(new Distillation(teacher, 0.75, logitsAtOnce).Loss(student, batch, new LossOptions()).Sum);
        foreach (var (one, other) in expected.Zip(actual)) Assert.InRange((one - other).abs().max().item<float>(), 0, 2e-5);
    }

    [Fact]
    public void With_the_text_alone_it_is_the_models_own_loss() =>
        Assert.Equal(student.Loss(batch.Inputs, batch.InputMask, batch.Targets, new(0.1, 1e-3)).Sum.item<float>(), new Distillation(teacher, 1).Loss(student, batch, new(0.1, 1e-3)).Sum.item<float>(), 1e-4);

    [Fact]
    public void Who_knows_what_the_teacher_knows_has_nothing_to_learn_and_the_teacher_learns_nothing()
    {
        using var same = Build(new EncoderDecoder(), 2);
        new Distillation(student, 0).Loss(same, batch, new LossOptions()).Sum.backward();
        Assert.All(same.parameters(), parameter => Assert.InRange(parameter.grad!.abs().max().item<float>(), 0, 1e-5));
        Assert.All(student.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void The_student_begins_with_everything_but_the_experts()
    {
        var given = new Distillation(teacher, 0.75).Begin(student);
        var fresh = student.named_parameters().Select(pair => pair.name).Except(given);
        Assert.Equal(["decoder.layers.1.sublayers.2.mixer.input.weight", "decoder.layers.1.sublayers.2.mixer.output.weight", "encoder.layers.1.sublayers.1.mixer.input.weight", "encoder.layers.1.sublayers.1.mixer.output.weight"], fresh.Order(StringComparer.Ordinal));
        Assert.All(given, name => Assert.Equal(teacher.get_parameter(name)!.data<float>().ToArray(), student.get_parameter(name)!.data<float>().ToArray()));
    }

    [Fact]
    public void A_student_with_experts_and_a_stage_without_a_teacher_are_refused()
    {
        var stage = (DistillStage)Reader.Read<Stage>("{ kind: distill, student: switch, objective: span-corruption, budget: { steps: 3 } }", "test");
        var recipe = Small.Recipe([stage], [Small.Shape("a") with { EncoderLayers = 2 }]);
        var problems = Assert.Throws<InputException>(() => Small.Materials(recipe, Path.GetTempPath())).Message;
        Assert.Contains("experts", problems, StringComparison.Ordinal);
        Assert.Contains("no teacher", problems, StringComparison.Ordinal);
        Assert.Contains("no text", problems, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ kind: t5-1.0, feed-forward: { kind: in-turn, of: [dense, { kind: switch, experts: 1 }] } }", "as experts do")]
    [InlineData("encoder-only", "the student writes none")]
    public void A_student_that_is_not_dense_or_cannot_write_is_refused(string student, string told)
    {
        var stage = (DistillStage)Reader.Read<Stage>($"{{ kind: distill, student: {student}, objective: span-corruption, budget: {{ steps: 3 }} }}", "test");
        Assert.Contains(told, Assert.Throws<InputException>(() => Small.Materials(Small.Recipe([stage]), Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_student_for_which_the_texts_are_too_short_is_refused_though_its_teacher_is_not()
    {
        var stage = (DistillStage)Reader.Read<Stage>("{ kind: distill, student: long-t5-local, objective: span-corruption, input-length: 16, budget: { steps: 3 } }", "test");
        Assert.Contains("radius", Assert.Throws<InputException>(() => Small.Materials(Small.Recipe([stage], [Small.Shape("a")]), Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    private Tensor[] Gradients(Tensor loss)
    {
        student.zero_grad();
        loss.backward();
        return [.. student.parameters().Select(parameter => parameter.grad!.clone())];
    }

    private Tensor Logits(LanguageModel model) => model.Logits(batch.Inputs, batch.InputMask, batch.Targets);

    private static LanguageModel Build(Architecture architecture, long seed)
    {
        manual_seed(seed);
        var model = architecture.Build(Shape);
        model.eval();
        return model;
    }
}
