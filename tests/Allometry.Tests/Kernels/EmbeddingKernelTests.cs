using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

public class EmbeddingKernelTests
{
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 5, 3, 7)]
    [InlineData(40, 16, 4, 9)]
    [InlineData(33, 17, 1, 129)]
    [InlineData(1000, 24, 8, 16)]
    public void Rows_and_their_gradients_are_those_of_library_operations(int vocabulary, int width, int batch, int length) => Agrees(vocabulary, width, batch, length);

    [Fact]
    public void Gradients_of_two_batches_add_up() => Agrees(50, 17, 3, 8, batches: 2);

    [Fact]
    public void A_frozen_table_gets_no_gradient() => Agrees(50, 17, 3, 8, frozen: true);

    [Fact]
    public void A_row_that_is_taken_often_gets_the_sum_and_one_that_is_not_taken_gets_zero()
    {
        using var scope = NewDisposeScope();
        using var embedding = Table(5, 3);
        using var pass = new Pass();
        embedding.Look(tensor(new long[,] { { 1, 1, 4 }, { 1, 3, 4 } }), pass).sum().backward();
        Assert.Equal([0, 0, 0, 3, 3, 3, 0, 0, 0, 1, 1, 1, 2, 2, 2], embedding.Weight.grad!.data<float>().ToArray());
    }

    private static void Agrees(int vocabulary, int width, int batch, int length, int batches = 1, bool frozen = false)
    {
        using var embedding = Table(vocabulary, width);
        embedding.Weight.requires_grad = !frozen;
        Twins.Agree(embedding, way =>
        {
            var results = new Dictionary<string, Tensor?>();
            using var pass = new Pass { Plain = way.Plain };
            for (var i = 0; i < batches; i++)
            {
                manual_seed(i);
                var y = embedding.Look(randint(0, vocabulary, [batch, length], int64), pass);
                if (!frozen) Twins.Weighed(y, way).backward();
                results.Add($"output {i}", y);
            }
            return results;
        });
    }

    private static Embedding Table(int vocabulary, int width) =>
        Twins.Randomised(new Embedding(new Place(new EncoderDecoder(), new Shape(width, 1, 1, 1, 0, 0, vocabulary))), seed: 3);
}
