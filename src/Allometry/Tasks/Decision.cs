namespace Allometry.Tasks;

/// <summary>How a class is read off a model: it writes the word (T5's way: any other text is wrong), or the likeliest of the words is taken.</summary>
public enum Decision
{
    Greedy,
    Rank,
}
