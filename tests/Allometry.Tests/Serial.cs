using System.Reflection;
using Allometry.Tests;
using Xunit.Sdk;
using Xunit.v3;

// libtorch's generator belongs to the whole process, and its threads lose a factor of ten when other tests compete with them.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: SameChance]

namespace Allometry.Tests;

/// <summary>Every test finds libtorch's generator at the same place: which tests ran before it, and how often they drew, is not the same in every run and every checkout.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class SameChanceAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => TorchSharp.torch.manual_seed(1);

    /// <summary>For what the next test draws before it begins, in its constructor.</summary>
    public override void After(MethodInfo methodUnderTest, IXunitTest test) => TorchSharp.torch.manual_seed(1);
}
