namespace Allometry.Experiments;

/// <summary>What a fine-tuning starts from.</summary>
public enum Origin
{
    /// <summary>The model of the pre-training before it.</summary>
    Pretrain,

    /// <summary>Random weights: the control that shows what pre-training was worth.</summary>
    Scratch,

    /// <summary>The model that has been grown from that of the shape before.</summary>
    Grow,

    /// <summary>The model that the last stage before it has taught beside the one that the others go on from.</summary>
    Student,
}
