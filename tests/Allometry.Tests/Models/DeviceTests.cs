using Allometry.Kinds;
using Allometry.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Models;

/// <summary>
/// Models compute where their weights are. There is no GPU here; libtorch's META device, whose tensors have shapes and no values, stands in for one where it has the operations (most of a model's it has not: they
/// are Python's). That nothing makes a tensor elsewhere or looks at numbers on the way is read from the source of the whole library, in <see cref="DependencyDirectionTests"/>.
/// </summary>
public class DeviceTests
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, EncoderLayers: 2, DecoderLayers: 2, Vocabulary: 40);

    [Fact]
    public void What_is_wrong_with_tokens_is_told_before_they_go_anywhere()
    {
        using var scope = NewDisposeScope();
        using var model = new EncoderDecoder().Build(Small, META);
        Assert.Throws<InputException>(() => model.Loss(full([2, 3], 40, int64), null, Ids(2, 3), new()));
        Assert.Throws<InputException>(() => model.Loss(full([2, 3], -1, int64), null, Ids(2, 3), new()));
    }

    [Fact]
    public void Dropout_is_drawn_in_main_memory_and_used_where_the_values_are()
    {
        using var scope = NewDisposeScope();
        var before = random.get_rng_state().data<byte>().ToArray();
        Assert.Equal(DeviceType.META, new Dropout(0.4).Mask(true, zeros([8, 3, 16], device: META))!.device_type);
        Assert.NotEqual(before, random.get_rng_state().data<byte>().ToArray()); // the one generator whose state checkpoints keep
    }

    private static Tensor Ids(int batch, int length) => randint(2, Small.Vocabulary, [batch, length], int64);
}
