using System.Globalization;
using System.Runtime.CompilerServices;
using Allometry.Text;

namespace Allometry.Tests.Analysis.Stopping;

/// <summary>Studies drawn from curves that were measured.</summary>
internal static class ResampledStudy
{
    private const int Shapes = 12, Block = 4;

    private static readonly (double Cost, double[] Smooth, double[] Left)[] Measured = [.. File.ReadLines(Beside("curves.csv"))
        .Skip(2).Select(line => line.Split(',')).Select(cells => Split(Number(cells[1]), [.. cells[3].Split(' ').Select(Number)]))];

    public static SimulatedStudy Draw(RandomStream random)
    {
        var order = Enumerable.Range(0, Measured.Length).ToArray();
        random.Shuffle(order.AsSpan());
        var drawn = order.Take(Shapes).Select(i => Measured[i]).ToArray();
        return new([.. drawn.Select(one => one.Cost)], [.. drawn.Select(one => (IReadOnlyList<IReadOnlyList<double>>)[Curve(one.Smooth, random)])]);
    }

    private static double[] Curve(double[] smooth, RandomStream random)
    {
        var curve = new double[smooth.Length];
        for (var at = 0; at < curve.Length; at += Block)
        {
            var from = Measured[random.Below(Measured.Length)].Left;
            for (var k = at; k < Math.Min(at + Block, curve.Length); k++) curve[k] = smooth[k] * Math.Exp(from[k]);
        }
        return curve;
    }

    /// <summary>A curve as the mean of neighbours' logarithms and what is left beside it.</summary>
    private static (double Cost, double[] Smooth, double[] Left) Split(double cost, double[] losses)
    {
        double[] smooth = [.. losses.Select((loss, i) => i == 0 || i == losses.Length - 1 ? loss : Math.Exp((Math.Log(losses[i - 1]) + Math.Log(loss) + Math.Log(losses[i + 1])) / 3))];
        return (cost, smooth, [.. losses.Select((loss, i) => Math.Log(loss / smooth[i]))]);
    }

    private static string Beside(string name, [CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, name);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
