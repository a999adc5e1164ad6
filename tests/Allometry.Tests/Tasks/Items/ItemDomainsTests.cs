using Allometry.Files;
using Allometry.Kinds;
using Allometry.Tasks.Items;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Tasks.Items;

public sealed class ItemDomainsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Items_with_the_attribute_are_targets_and_everything_else_keeps_its_order()
    {
        var data = Domains("3 a X b a\n\n5\n12 Y b X X\r\n", """{ "X": [7, 1], "Y": [7], "a": [1], "nobody": [7] }""").Read();
        Assert.Equal(["a", "b"], data.Sources);
        Assert.Equal(["X", "Y"], data.Targets.Select(target => target.Item));
        Assert.Equal([7, 1], data.Targets[0].Attributes);
        Assert.Equal([3, 5, 12], data.Users.Select(user => user.Number));
        Assert.Equal(["a", "b", "a"], data.Users[0].Sources);
        Assert.Equal([1, 0, 0], data.Users[2].Targets);
        Assert.Equal([1, 0, 0], data.Users.Select(user => user.Before));
        Assert.Equal([Split.Train, Split.Train, Split.Train], data.Users.Select(user => user.Split));
    }

    [Fact]
    public void Users_are_split_by_the_last_digit_of_their_number()
    {
        var data = new ItemDomains(folder.File("users.txt", string.Concat(Enumerable.Range(10, 10).Select(user => $"{user} a\n")))).Read();
        Assert.Equal([Split.Validation, Split.Test, Split.Test], data.Users.Skip(7).Select(user => user.Split));
        Assert.All(data.Users.Take(7), user => Assert.Equal(Split.Train, user.Split));
    }

    [Fact]
    public void Every_bad_line_is_told_at_once()
    {
        var problems = Assert.Throws<InputException>(() => Domains("1 a X\nb c\n-4 a\n1 a\n", """{ "X": [7] }""").Read()).Problems;
        Assert.Equal(["users.txt:2", "users.txt:3", "users.txt:4"], problems.Select(problem => Path.GetFileName(problem.Where)));
        Assert.Contains("'b' is no user's number", problems[0].What, StringComparison.Ordinal);
        Assert.Contains("user 1 stands there twice", problems[2].What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "{}", "no user has met an item of the source domain")]
    [InlineData("1 X\n", """{ "X": [7] }""", "no user has met an item of the source domain")]
    [InlineData("1\n2\n", """{ "X": [7] }""", "no user has met an item of the source domain")]
    [InlineData("1 a\n", """{ "X": [7] }""", "no item that a user has met has the attribute 7")]
    [InlineData("1 a\n", """{ "X": null }""", "no item that a user has met has the attribute 7")]
    [InlineData("1 a\n", "[1, 2]", "no JSON object of lists of numbers")]
    [InlineData("1 a\n", "{ \"X\": [7", "no JSON object of lists of numbers")]
    public void Data_without_one_of_the_domains_are_refused(string users, string attributes, string what) =>
        Assert.Contains(what, Assert.Throws<InputException>(() => Domains(users, attributes).Read()).Message, StringComparison.Ordinal);

    [Theory] // peterrec.md section 5
    [InlineData("Yelp", 13, 14_333, 5_700, 29_954, 158_537, "12099/1731/3510", "26524/3766/7580", "10821/1559/3122")]
    [InlineData("Beauty", 17, 8_287, 3_814, 20_595, 96_679, "6401/894/1835", "13274/1759/3804", "5869/815/1668")]
    public void The_real_sequences_have_the_published_numbers(string name, int attribute, int sources, int targets, int sequences, int foretold, string users, string questions, string profiles)
    {
        var file = $"${DataFolder.Variable}/rec-s3rec/{name}";
        var domains = new ItemDomains(DataFolder.Resolve($"{file}.txt", "."), DataFolder.Resolve($"{file}_item2attributes.json", "."), attribute);
        Assert.SkipUnless(File.Exists(domains.Sequences), $"{domains.Sequences} is not there.");
        var data = domains.Read();
        Assert.Equal((sources, targets), (data.Sources.Count, data.Targets.Count));
        var lengths = data.Users.Where(user => user.Sources.Count >= 2).Select(user => Math.Min(12, user.Sources.Count)).ToList();
        Assert.Equal((sequences, foretold), (lengths.Count, lengths.Sum(length => length - 1)));
        string Numbers(ItemTask task, Func<IReadOnlyList<ItemQuestion>, int> count) => string.Join('/', Enum.GetValues<Split>().Select(split => count(task.Of(split, data))));
        Assert.Equal(users, Numbers(new NextItems(targets), asked => asked.Select(question => question.User.Number).Distinct().Count()));
        Assert.Equal(questions, Numbers(new NextItems(targets), asked => asked.Count));
        Assert.Equal(profiles, Numbers(new Profile(), asked => asked.Count));
        // The pilot's baselines: the majority class of Beauty .403 and of Yelp .338.
        Assert.Equal(name == "Yelp" ? 0.338 : 0.403, new Profile().Popularity(new Profile().Of(Split.Train, data), new Profile().Of(Split.Test, data))[0].Value, 5e-4);
    }

    private ItemDomains Domains(string users, string attributes) => new(folder.File("users.txt", users), folder.File("attributes.json", attributes), 7);
}
