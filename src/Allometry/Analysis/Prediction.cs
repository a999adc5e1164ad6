using MathNet.Numerics.Statistics;

namespace Allometry.Analysis;

/// <summary>A cost foretold before anything was spent, beside what it came to.</summary>
public sealed record Prediction(StudyRun Run, double Predicted, double Measured)
{
    public double RelativeError => Predicted / Measured - 1;

    /// <summary>Of what was predicted, what the run does itself: steps that several share count once in a sum.</summary>
    public double OwnPredicted => Run.Facts.TrainingFlops > 0 ? Predicted * Run.Own.Flops / Run.Facts.TrainingFlops : Predicted;

    public static IReadOnlyList<Prediction> OfSeconds(Study study) =>
        [.. Done(study).Select(run => new Prediction(run, run.PredictedSeconds, run.MeasuredSeconds ?? 0)).Where(IsComplete)];

    public static IReadOnlyList<Prediction> OfMemory(Study study) =>
        [.. Done(study).Select(run => new Prediction(run, run.Facts.PredictedMemoryBytes, run.Facts.MemoryBytes)).Where(IsComplete)];

    /// <summary>Median of the absolute relative errors; null of none.</summary>
    public static double? MedianError(IReadOnlyList<Prediction> predictions) =>
        predictions.Count == 0 ? null : predictions.Select(prediction => Math.Abs(prediction.RelativeError)).Median();

    private static IEnumerable<StudyRun> Done(Study study) => study.Runs.Where(run => run.IsDone);

    private static bool IsComplete(Prediction prediction) => prediction.Predicted > 0 && prediction.Measured > 0 && double.IsFinite(prediction.RelativeError);
}
