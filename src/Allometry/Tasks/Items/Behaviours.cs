using Allometry.Text;

namespace Allometry.Tasks.Items;

/// <summary>The users of a file and the items of its two domains, each in the order in which they first appear.</summary>
/// <param name="Targets">Items of the target domain with their attributes; a target's number is its place here.</param>
public sealed record Behaviours(IReadOnlyList<string> Sources, IReadOnlyList<(string Item, IReadOnlyList<int> Attributes)> Targets, IReadOnlyList<User> Users)
{
    internal static Behaviours Of(IReadOnlyDictionary<long, List<string>> users, Func<string, IReadOnlyList<int>> attributesOf, Func<string, bool> isTarget)
    {
        var sources = users.Values.SelectMany(items => items).Where(item => !isTarget(item)).Distinct().ToList();
        var targets = users.Values.SelectMany(items => items).Where(isTarget).Distinct().ToList();
        var numbers = targets.Index().ToDictionary(target => target.Item, target => target.Index);
        return new(sources, [.. targets.Select(target => (target, attributesOf(target)))], [.. users.Select(user => new User(
            user.Key, [.. user.Value.Where(item => !isTarget(item))], [.. user.Value.Where(isTarget).Select(target => numbers[target])], user.Value.TakeWhile(item => !isTarget(item)).Count()))]);
    }
}

/// <summary>What one user met of both domains, in the order of time.</summary>
/// <param name="Targets">Their numbers.</param>
/// <param name="Before">How many of its sources it met before its first target.</param>
public sealed record User(long Number, IReadOnlyList<string> Sources, IReadOnlyList<int> Targets, int Before)
{
    /// <summary>Users are split by their numbers, so that none is learnt from and asked about: seven of ten, one, and two.</summary>
    public Split Split => (Number % 10) switch { < 7 => Split.Train, 7 => Split.Validation, _ => Split.Test };
}
