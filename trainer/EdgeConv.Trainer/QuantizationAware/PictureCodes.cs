using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.QuantizationAware;

/// <summary>
/// From normalized pictures to the integers of the network's input. They go by the bytes of the picture through the model's own table: a
/// normalized value may lie half way between two integers, where its last bit would decide.
/// </summary>
internal sealed class PictureCodes : IDisposable
{
    private const float Levels = 255;

    private static readonly Scalar _levels = Levels;
    private readonly Tensor _deviation, _mean, _first, _codes;

    /// <exception cref="TrainingException">The network does not say what pictures it takes.</exception>
    public PictureCodes(QuantizedGraph graph)
    {
        PictureInput picture = graph.Picture ?? throw new TrainingException(
            $"The network '{graph.Name}' does not say how pictures become its input; a run folder or an .onnx that EdgeConv wrote is expected.");
        int channels = picture.Layout.Channels;
        ReadOnlySpan<sbyte> table = Lowering.Preprocessing(picture, graph.Input).Tables.Span;
        var codes = new float[table.Length];
        for (int i = 0; i < codes.Length; i++) codes[i] = table[i] - graph.Input.Quantization.ZeroPoint;
        _codes = tensor(codes).DetachFromDisposeScope();
        _deviation = PerChannel([.. picture.Deviation.Select(d => d * Levels)]);
        _mean = PerChannel([.. picture.Mean.Select(m => m * Levels)]);
        _first = PerChannel([.. Enumerable.Range(0, channels).Select(c => c * (Levels + 1))]);

        Tensor PerChannel(float[] values) => tensor(values, [1, channels, 1, 1]).DetachFromDisposeScope();
    }

    /// <summary>Integers less the zero point, in the pictures' shape.</summary>
    public Tensor Of(Tensor pictures)
    {
        using IDisposable off = no_grad();
        Tensor bytes = (pictures * _deviation).add_(_mean, Kept.One).round_().clamp_(Kept.Zero, _levels).add_(_first, Kept.One).to(ScalarType.Int64);
        return _codes.index_select(0, bytes.flatten()).view(bytes.shape);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor part in new[] { _deviation, _mean, _first, _codes }) part.Dispose();
    }
}
