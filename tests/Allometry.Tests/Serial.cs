using System.Reflection;
using Allometry.Tests;
using Xunit.Sdk;
using Xunit.v3;
using static TorchSharp.torch;

// libtorch's generator belongs to the whole process, and its threads lose a factor of ten when other tests compete with them.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: SameStart]

namespace Allometry.Tests;

/// <summary>Every test finds libtorch's generator at the same place, and as many threads: which tests ran before it, how often they drew and whose threads they were is not the same in every run and every checkout.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class SameStartAttribute : BeforeAfterTestAttribute
{
    private static readonly int Threads = get_num_threads();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Begin();

    /// <summary>For what the next test draws before it begins, in its constructor.</summary>
    public override void After(MethodInfo methodUnderTest, IXunitTest test) => Begin();

    private static void Begin()
    {
        manual_seed(1);
        set_num_threads(Threads);
    }
}
