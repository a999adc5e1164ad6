using Allometry.Models;
using Allometry.Papers.LongT5;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>Windowed attention by the kernel beside the same from library operations; what is no text is not compared.</summary>
public class WindowKernelTests
{
    [Theory]
    [InlineData(1, 3, 4, null)]
    [InlineData(9, 3, 4, null)]
    [InlineData(40, 3, 4, "40 29")]
    [InlineData(40, 100, 7, "1 33")]
    [InlineData(130, 7, 16, "130 17")]
    [InlineData(130, 64, 1, "65 130")]
    [InlineData(300, 127, 16, "300 15")]
    [InlineData(300, 5, 400, "300 250")]
    public void It_agrees(int length, int radius, int block, string? real)
    {
        foreach (var attention in (WindowedAttention[])[new LocalAttention { Radius = radius }, new TransientGlobalAttention { Radius = radius, BlockSize = block }])
            Agrees(new EncoderDecoder(), attention, length, real);
    }

    [Theory, InlineData(5, 9), InlineData(9, 9), InlineData(70, 9), InlineData(70, 33)] // blocks of dropout with a remainder and without
    public void With_dropout_too(int length, int radius)
    {
        foreach (var attention in (WindowedAttention[])[new LocalAttention { Radius = radius }, new TransientGlobalAttention { Radius = radius, BlockSize = 4 }])
            Agrees(new EncoderDecoder { Dropout = 0.3 }, attention, length, $"{length} {(length / 2) + 1}");
    }

    [Fact]
    public void Without_positions_too() => Agrees(new EncoderDecoder { Positions = new NoPositions() }, new LocalAttention { Radius = 4 }, 21, "21 8");

    [Fact]
    public void Head_widths_and_heads_need_not_be_multiples_of_anything() =>
        Agrees(new EncoderDecoder(), new TransientGlobalAttention { Radius = 6, BlockSize = 3 }, 50, "50 50", new Shape(31, 8, 17, 5, 1, 1, 10));

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void The_same_bits_each_time_with_as_many_threads(int threads)
    {
        using var scope = NewDisposeScope();
        using var fixedThreads = new Threads(threads);
        using var module = Module(new EncoderDecoder(), new TransientGlobalAttention { Radius = 20, BlockSize = 4 }, new Shape(20, 8, 5, 3, 1, 1, 10));
        var x = randn(2, 90, 20).requires_grad_();
        byte[] Bits()
        {
            x.grad = null;
            using var pass = new Pass();
            using var context = new Context(pass);
            var y = module.forward(x, context);
            Twins.Weighed(y, new Way(false, float32)).backward();
            return [.. y.bytes, .. x.grad!.bytes];
        }
        Assert.Equal(Bits(), Bits());
    }

    private static void Agrees(Architecture architecture, WindowedAttention attention, int length, string? real, Shape? shape = null)
    {
        shape ??= new Shape(20, 8, 5, 3, 1, 1, 10);
        using var module = Module(architecture, attention, shape);
        Twins.AgreeAsAWhole(module, way =>
        {
            manual_seed(7);
            var x = way.Of(randn(2, length, shape.ModelWidth).requires_grad_());
            var mask = real is null ? null : arange(length).unsqueeze(0).lt(tensor(real.Split(' ').Select(int.Parse).ToArray()).unsqueeze(1));
            using var pass = new Pass { Plain = way.Plain };
            using var context = new Context(pass) { KeyMask = mask };
            var y = module.forward(x, context) * (mask is null ? ones(1) : mask.unsqueeze(-1));
            Twins.Weighed(y, way).backward();
            return new() { ["output"] = y, ["gradient of input"] = x.grad };
        });
    }

    private static StackModule Module(Architecture architecture, Attention attention, Shape shape)
    {
        var module = Twins.Randomised(Stack.Of(new SelfAttention(attention)).Build("stack", 2, new Place(architecture, shape)), seed: 5);
        module.train();
        return module;
    }
}
