using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Papers.Ul2;

/// <summary>UL2 (Tay et al. 2022, arXiv 2205.05131, section 3.1): every example comes from one of several denoisers, drawn by their rates, each over text of its own length.</summary>
[Kind("mixture-of-denoisers")]
public sealed record MixtureOfDenoisers(
    [property: Description("The denoisers, each with its rate and mode.")] IReadOnlyList<Denoising> Denoisers,
    [property: Description("Tokens of the inputs that are kept for a mode."), Range(1, 64)] int ModeLength = 1) : Denoiser, IChecked
{
    /// <summary>Each denoiser by itself; of one that is a mixture its own: OUTER.INNER.</summary>
    public override IReadOnlyList<ObjectivePart> Parts =>
    [
        .. from line in Denoisers
           from part in (line.Mode is { } mode ? new WithMode(mode, line.Denoiser, ModeLength) : line.Denoiser).Parts
           select part with { Name = part.Name.Length == 0 ? line.Name : $"{line.Name}.{part.Name}", Share = part.Share * (line.Rate ?? 1.0 / Denoisers.Count) },
    ];

    /// <summary>Text of which every denoiser makes an example that fits; each by itself may take more.</summary>
    public override ObjectiveLengths Lengths(int inputLength)
    {
        var all = Parts.Select(part => part.Objective.Lengths(inputLength)).ToList();
        return new(all.Min(one => one.Raw), all.Max(one => one.Inputs), all.Max(one => one.Targets), all.Max(one => one.Noise), all.Max(one => one.Spans));
    }

    /// <summary>One of the denoisers' examples, by their rates.</summary>
    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var (parts, point) = (Parts, random.Uniform());
        var chosen = parts.FirstOrDefault(part => (point -= part.Share) < 0) ?? parts.Last(part => part.Share > 0);
        return chosen.Objective.Make(tokens, tokenizer, random);
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, Tokenizer tokenizer) =>
        Parts.SelectMany(part => part.Objective.Problems($"{where}, {part.Name}", inputLength, tokenizer));

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (Denoisers.Count == 0) yield return (nameof(Denoisers), "there is no denoiser", "name at least one, or write 'ul2' for the seven of the paper");
        foreach (var twice in Denoisers.GroupBy(line => line.Name).Where(group => group.Count() > 1))
            yield return (nameof(Denoisers), $"two denoisers are called '{twice.Key}'", "give each a name of its own");
        foreach (var nameless in Denoisers.SelectMany(line => PartName.Check(nameof(Denoisers), line.Name, "a denoiser"))) yield return nameless;
        foreach (var line in Denoisers.Where(line => line.Mode is not null && WithMode.HasModes(line.Denoiser)))
            yield return (nameof(Denoisers), $"'{line.Name}' has a mode, and so has what it denoises with", "leave one of the two out");
        if (Denoisers.All(line => line.Rate is null)) yield break;
        if (Denoisers.Any(line => line.Rate is null)) yield return (nameof(Denoisers), "some denoisers have a rate and some have none", "give all of them one, or none for equal rates");
        else if (Denoisers.Sum(line => line.Rate!.Value) is var sum && Math.Abs(sum - 1) > 1e-6)
            yield return (nameof(Denoisers), string.Create(CultureInfo.InvariantCulture, $"the rates add up to {sum:0.######}"), "make them add up to 1, or leave all of them out for equal rates");
    }
}
