namespace Allometry.Analysis;

/// <summary>A shape on the tasks; measures are named "task/metric".</summary>
/// <param name="Quality">Mean of what the recipe compares by, over the seeds in which all of it is there.</param>
/// <param name="Trained">Fine-tuned from the study's own starting point: its pre-training, or random weights where it has none.</param>
/// <param name="Scratch">The control: the same fine-tuning from random weights; empty where the study has none.</param>
public sealed record ShapeScores(
    Spread? Quality, IReadOnlyDictionary<string, Spread> Trained, IReadOnlyDictionary<string, Spread> Scratch);
