using System.Security.Cryptography;
using System.Text;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>The rows of a task, read and checked: every split as texts.</summary>
public sealed class TaskData
{
    private readonly Dictionary<Split, IReadOnlyList<TextExample>> splits;
    private readonly int place; // of the right one among a row's own choices, most often

    private TaskData(TextTask task, Dictionary<Split, IReadOnlyList<TextExample>> splits)
    {
        (Task, this.splits) = (task, splits);
        var known = Of(Has(Split.Train) ? Split.Train : splits.Keys.Min());
        Majority = known.GroupBy(example => example.Target, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).First().Key;
        place = known.Where(example => example.Choices is not null).CountBy(PlaceOf).OrderByDescending(count => count.Value).ThenBy(count => count.Key).FirstOrDefault().Key;
    }

    public TextTask Task { get; }

    /// <summary>The most frequent target of train (of the first other split where there is no train): what a program that never reads says.</summary>
    public string Majority { get; }

    /// <summary>What such a program says to a row: the same for all, or, where rows have choices of their own, the choice that stands where the right one stands most often.</summary>
    public string MajorityOf(TextExample example) => example.Choices is { } choices ? choices[Math.Min(place, choices.Count - 1)] : Majority;

    /// <summary>A hash of the texts of all splits, wherever they lie: the same task on other rows is another experiment.</summary>
    public string Fingerprint() => Hash(string.Join('\u001e', splits.OrderBy(pair => pair.Key)
        .SelectMany(pair => pair.Value.Select(example => $"{pair.Key}\u001f{example.Input}\u001f{example.Target}"))))[..16];

    /// <summary>Texts that are at hand, in the place of a task's tables; one split at least.</summary>
    public static TaskData Of(TextTask task, Dictionary<Split, IReadOnlyList<TextExample>> splits) => new(task, splits);

    /// <summary>Reads every table of a task, whose paths are true ones. An <see cref="InputException"/> holds all that is wrong with them.</summary>
    public static TaskData Load(TextTask task) => Load(task, null);

    /// <summary>The same rows of every split with the columns of the prompt changed; the answers are as they were.</summary>
    public static TaskData Load(TextTask task, Rewording? reword) => Load(task, reword, row => row.Input);

    /// <summary>The same where a limit chooses the same rows whatever the prompt says of them, so that templates can be compared.</summary>
    public static TaskData LoadAlike(TextTask task, Rewording? reword = null) => Load(task, reword, _ => "");

    private static TaskData Load(TextTask task, Rewording? reword, Func<TextExample, string> key)
    {
        var reading = new TaskReading(task, reword);
        var splits = new Dictionary<Split, IReadOnlyList<TextExample>>();
        foreach (var split in Enum.GetValues<Split>().Where(split => task.Files.Of(split) is not null))
        {
            splits[split] = reading.Read(split);
        }

        reading.ThrowIfAny();
        if (task.Files is { Train: not null, Validation: null })
        {
            (splits[Split.Train], splits[Split.Validation]) = HoldOut(splits[Split.Train], task);
        }

        foreach (var split in splits.Keys)
        {
            splits[split] = [.. Limit(splits[split], task.Files.Limit?.Of(split), key).Select(row => row.Reworded is { } input ? row with { Input = input, Reworded = null } : row)];
        }

        return new TaskData(task, splits);
    }

    public bool Has(Split split) => splits.ContainsKey(split);

    /// <summary>The texts of a split in row order; an <see cref="InputException"/> where the task has no such split.</summary>
    public IReadOnlyList<TextExample> Of(Split split) => splits.GetValueOrDefault(split)
        ?? throw new InputException(Task.Name, $"the task has no {split.ToString().ToLowerInvariant()} split", $"add '{split.ToString().ToLowerInvariant()}' to its files");

    /// <summary>
    /// A split as token ids, end tokens included: T5 cuts what is too long at its end and then adds the end token.
    /// Labels that this vocabulary cannot write are an <see cref="InputException"/>.
    /// </summary>
    public TaskExamples Tokenize(Split split, Tokenizer tokenizer)
    {
        LabelTokens.Check(Task, tokenizer);
        var texts = Of(split).Select(example => (Input: tokenizer.Encode(example.Input), Target: tokenizer.Encode(example.Target), example.Choices)).ToList();
        bool LongInput((int[] Input, int[] Target, IReadOnlyList<string>? Choices) text) => text.Input.Length >= Task.InputLength;
        bool LongTarget((int[] Input, int[] Target, IReadOnlyList<string>? Choices) text) => text.Target.Length >= Task.TargetLength;
        bool LongChoice((int[] Input, int[] Target, IReadOnlyList<string>? Choices) text) => text.Choices?.Any(choice => tokenizer.Encode(choice).Length >= Task.TargetLength) ?? false;
        return new TaskExamples(
            [.. texts.Select(pair => new Example(Ended(pair.Input, Task.InputLength), Ended(pair.Target, Task.TargetLength)))],
            texts.Count(LongInput),
            texts.Count(LongTarget))
        {
            TruncatedShare = (double)texts.Count(text => LongInput(text) || LongTarget(text) || LongChoice(text)) / Math.Max(1, texts.Count),
        };
    }

    private static int PlaceOf(TextExample example) => example.Choices!.Index().First(choice => choice.Item == example.Target).Index;

    private static int[] Ended(int[] ids, int length) => [.. ids.Take(length - 1), Tokenizer.End];

    // By the hash of the input: rows with equal inputs stay on one side, and more rows later do not move the old ones about.
    private static (IReadOnlyList<TextExample> Train, IReadOnlyList<TextExample> Validation) HoldOut(IReadOnlyList<TextExample> rows, TextTask task)
    {
        var groups = rows.GroupBy(row => row.Input, StringComparer.Ordinal).OrderBy(group => Hash(group.Key), StringComparer.Ordinal).ToList();
        if (groups.Count < 2)
        {
            throw new InputException(task.Name, "there are not two different inputs, so none can be held out", "give more rows, or name validation files");
        }

        var held = groups.Take(Math.Clamp((int)Math.Round(groups.Count * task.Files.HeldOut), 1, groups.Count - 1)).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        return ([.. rows.Where(row => !held.Contains(row.Input))], [.. rows.Where(row => held.Contains(row.Input))]);
    }

    private static IReadOnlyList<TextExample> Limit(IReadOnlyList<TextExample> rows, int? most, Func<TextExample, string> key)
    {
        if (most is not { } count || count >= rows.Count)
        {
            return rows;
        }

        var kept = rows.Select((row, i) => (Hash: Hash($"limit {i} {key(row)}"), i)).OrderBy(pair => pair.Hash, StringComparer.Ordinal).Take(count);
        return [.. kept.Select(pair => pair.i).Order().Select(i => rows[i])];
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
