using Allometry.Text;

namespace Allometry.Generation;

/// <summary>Draws a token by its score: temperature, then the k likeliest (and those equal to the last of them), then the likeliest with a probability of p together.</summary>
internal sealed class Draw(SampleDecoding choice, RandomStream chance)
{
    private double[] weights = [];

    public int Choose(Span<float> scores)
    {
        if (weights.Length != scores.Length) weights = new double[scores.Length];
        var floor = choice.TopK > 0 && choice.TopK < scores.Length ? Lowest(scores) : double.NegativeInfinity;
        double highest = scores[GreedyDecoding.Likeliest(scores)], sum = 0;
        if (double.IsNegativeInfinity(highest)) return 0;
        for (var i = 0; i < scores.Length; i++)
            sum += weights[i] = scores[i] >= floor ? Math.Exp((scores[i] - highest) / choice.Temperature) : 0;
        if (choice.TopP < 1) sum = CutOff(choice.TopP * sum);
        return At(chance.Uniform() * sum);
    }

    /// <summary>The lowest score among the k highest.</summary>
    private double Lowest(Span<float> scores)
    {
        var highest = new Highest<int>(choice.TopK);
        for (var i = 0; i < scores.Length; i++) highest.Offer(scores[i], i);
        return highest.Floor;
    }

    /// <summary>Leaves only the heaviest tokens that together reach a mass; what they weigh together.</summary>
    private double CutOff(double mass)
    {
        var heaviest = new PriorityQueue<int, (double, int)>(weights.Select((weight, i) => (i, (-weight, i))));
        var sum = 0.0;
        var kept = new List<(int Token, double Weight)>();
        while (sum < mass && heaviest.TryDequeue(out var token, out _))
        {
            kept.Add((token, weights[token]));
            sum += weights[token];
        }
        Array.Clear(weights);
        foreach (var (token, weight) in kept) weights[token] = weight;
        return sum;
    }

    /// <summary>The token in whose share of the line of all weights a point lies.</summary>
    private int At(double point)
    {
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            if ((point -= weights[i]) < 0) return i;
            last = i; // rounding may leave the point a little beyond the end
        }
        return last;
    }
}
