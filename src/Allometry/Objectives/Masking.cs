using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>BERT's rule for tokens that are to be told (Devlin et al. 2018, section 3.1): most stand as a mask (the first sentinel), some as a token drawn from the vocabulary, the others as they are.</summary>
public readonly record struct Masking(double Masked, double Replaced)
{
    /// <summary>BERT's shares: 80 % masks, 10 % drawn.</summary>
    public static Masking Usual { get; } = new(0.8, 0.1);

    /// <summary>What stands for a token that is to be told.</summary>
    public int Shown(int token, Tokenizer tokenizer, RandomStream random)
    {
        var draw = random.Uniform();
        return draw < Masked ? tokenizer.Sentinel(0) : draw < 1 - Replaced ? token : Tokenizer.First + random.Below(tokenizer.Pieces - Tokenizer.First);
    }

    /// <summary>A text of which so many tokens, each set of them as likely as any other, are to be told at their places; 0 is no target.</summary>
    public Example Hide(ReadOnlySpan<int> tokens, int count, Tokenizer tokenizer, RandomStream random)
    {
        var (inputs, targets) = (tokens.ToArray(), new int[tokens.Length]);
        foreach (var place in random.Permutation(tokens.Length).Take(count))
        {
            targets[place] = tokens[place];
            inputs[place] = Shown(tokens[place], tokenizer, random);
        }
        return new(inputs, targets);
    }
}
