namespace EdgeConv.Converters.Onnx;

/// <summary>What the activations of an int8 ONNX file are.</summary>
public sealed record QdqForm
{
    /// <summary>int8 as in our files, instead of uint8 with a zero point 128 higher.</summary>
    public bool SignedActivations { get; init; }

    /// <summary>Input and output are the integers themselves, NHWC and batch 1, instead of float NCHW.</summary>
    public bool IntegerEnds { get; init; }
}
