using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Tasks.Mixtures;

/// <summary>A rate for each task by name, as in T5's own mixtures; 0 is never.</summary>
[Kind("fixed"), Description("A rate for each task by name.")]
public sealed record Fixed([Description("The rate of every task that has train files: { cola: 8551, sst2: 67349 }.")] IReadOnlyDictionary<string, double> Rates) : MixingRates
{
    public override double Of(TextTask task, int examples) => Rates[task.Name];

    public override IEnumerable<(string What, string Mend)> Check(Mixture mixture)
    {
        foreach (var (name, rate) in Rates)
        {
            if (!mixture.Tasks.Any(task => task.Name == name)) yield return ($"there is no task '{name}' in the mixture", Suggestion.For(name, mixture.Tasks.Select(task => task.Name)));
            if (!(rate >= 0 && double.IsFinite(rate))) yield return ($"the rate of '{name}' is {rate}", "give 0 or more");
        }

        foreach (var task in mixture.Tasks.Where(task => task.Files.Train is not null && !Rates.ContainsKey(task.Name)))
            yield return ($"the task '{task.Name}' has no rate", "give it one; 0 leaves it out of training");
        if (Rates.Values.All(rate => rate == 0)) yield return ("all rates are 0", "give one task a rate above 0");
    }
}
