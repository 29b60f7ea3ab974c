namespace EdgeConv.Runtime.Kernels;

/// <summary>A layer's weights as sbytes: the file's own bytes where they are int8, unpacked once where they are int4.</summary>
internal sealed class WeightBytes
{
    private readonly Model _model;
    private readonly int _tensor;
    private readonly sbyte[]? _unpacked;

    public WeightBytes(int tensor, KernelContext context)
    {
        _model = context.Model;
        _tensor = tensor;
        _unpacked = context.Info(tensor).Type == ElementType.Int4 ? context.Model.Weights(tensor).ToArray() : null;
    }

    public ReadOnlySpan<sbyte> Span => _unpacked ?? _model.Int8Data(_tensor);
}
