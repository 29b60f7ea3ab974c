namespace EdgeConv.Converters.TfLite.Schema;

// Field numbers of TFLite's schema, version 3.

internal static class ModelFields
{
    public const int Version = 0, OperatorCodes = 1, Subgraphs = 2, Buffers = 4, Metadata = 6;
}

internal static class CodeFields
{
    public const int Old = 0, Custom = 1, Code = 3;
}

internal static class GraphFields
{
    public const int Tensors = 0, Inputs = 1, Outputs = 2, Operators = 3, Name = 4;
}

internal static class TensorFields
{
    public const int Shape = 0, Type = 1, Buffer = 2, Name = 3, Quantization = 4, IsVariable = 5, Sparsity = 6, ExternalBuffer = 10;
}

internal static class QuantizationFields
{
    public const int Scales = 2, ZeroPoints = 3, DetailsKind = 4, Dimension = 6;
}

internal static class OperatorFields
{
    public const int Code = 0, Inputs = 1, Outputs = 2, OptionsKind = 3, Options = 4;
}

internal static class BufferFields
{
    public const int Data = 0, Offset = 1, Size = 2;
}

internal static class MetadataFields
{
    public const int Name = 0, Buffer = 1;
}

internal static class ConvolutionOptions
{
    public const int Padding = 0, StrideW = 1, StrideH = 2, Activation = 3, DilationW = 4, DilationH = 5, BiasType = 6;
}

internal static class DepthwiseOptions
{
    public const int Padding = 0, StrideW = 1, StrideH = 2, Multiplier = 3, Activation = 4, DilationW = 5, DilationH = 6;
}

internal static class PoolOptions
{
    public const int Padding = 0, StrideW = 1, StrideH = 2, FilterW = 3, FilterH = 4, Activation = 5;
}

internal static class DenseOptions
{
    public const int Activation = 0, WeightsFormat = 1, BiasType = 4;
}

internal static class TransposeConvOptions
{
    public const int Padding = 0, StrideW = 1, StrideH = 2, Activation = 3, BiasType = 4;
}

internal static class ConcatenationOptions
{
    public const int Axis = 0, Activation = 1;
}

internal static class ArithmeticOptions
{
    public const int Activation = 0;
}

internal static class SoftmaxOptions
{
    public const int Beta = 0;
}

internal static class LeakyReluOptions
{
    public const int Alpha = 0;
}

internal static class GeluOptions
{
    public const int Approximate = 0;
}

internal static class ReducerOptions
{
    public const int KeepDimensions = 0;
}

internal static class StridedSliceOptions
{
    public const int BeginMask = 0, EndMask = 1, EllipsisMask = 2, NewAxisMask = 3, ShrinkMask = 4, Offset = 5;
}

internal static class UnpackOptions
{
    public const int Axis = 1;
}

internal static class ResizeOptions
{
    // The corners' alignment, then the half pixels.
    public const int Bilinear = 2, Nearest = 0;
}
