using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>
/// How much a model can know by heart: of two symbols, drawn anew for each example, a third follows that a table of chance says. Nothing but the table can tell it, so that its loss falls with the room there is for facts;
/// a model that knows none has a loss of log values.
/// </summary>
[Kind("facts")]
public sealed record Facts(
    [property: Description("Different first symbols."), Range(1, 1 << 20)] int Subjects = 128,
    [property: Description("Different second symbols; there are subjects x relations facts."), Range(1, 1 << 20)] int Relations = 64,
    [property: Description("Different third symbols."), Range(2, 1 << 20)] int Values = 64,
    [property: Description("Which table of chance.")] long Table = 1) : Denoiser
{
    public override ObjectiveLengths Lengths(int inputLength) => new(2, 2, 1, 1, 1);

    /// <summary>Of the text nothing matters.</summary>
    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var (subject, relation) = (random.Below(Subjects), random.Below(Relations));
        var value = RandomStream.For(Table, "facts", subject, relation).Below(Values);
        return new([Tokenizer.First + subject, Tokenizer.First + Subjects + relation], [Tokenizer.First + Subjects + Relations + value]);
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, Tokenizer tokenizer)
    {
        foreach (var problem in base.Problems(where, inputLength, tokenizer)) yield return problem;
        if (tokenizer.Pieces - Tokenizer.First is var room && room < (long)Subjects + Relations + Values)
            yield return new(where, $"{Subjects} subjects, {Relations} relations and {Values} values are more than the {room} symbols of the vocabulary", "take fewer, or a larger vocabulary");
    }
}
