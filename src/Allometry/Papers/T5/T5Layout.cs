using Allometry.Interchange;
using Allometry.Kinds;

namespace Allometry.Papers.T5;

/// <summary>T5, T5 1.1, t5-efficient, flan-T5 and UL2: one model_type, told apart by the fields of config.json.</summary>
[Kind("t5")]
public sealed record T5Layout : T5FamilyLayout
{
    protected override string ModelClass => "T5ForConditionalGeneration";
}
