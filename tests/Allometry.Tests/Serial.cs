using Xunit.Sdk;
using Xunit.v3;

// libtorch's generator belongs to the whole process, and its threads lose a factor of ten when other tests compete with them.
[assembly: Parallelization(Mode = ParallelMode.None)]
