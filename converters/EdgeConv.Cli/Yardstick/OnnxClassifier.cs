using System.Diagnostics;
using EdgeConv.Cli.Models;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Yardstick;

/// <summary>An ONNX file with what it says about pictures and classes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Picture">How a picture becomes the input.</param>
/// <param name="Labels">Names of the classes.</param>
internal sealed record OnnxModel(string Path, PictureInput Picture, IReadOnlyList<string> Labels)
{
    /// <summary>Reads the facts.</summary>
    /// <exception cref="FailureException">No such file, or it does not say how pictures become its input.</exception>
    public static OnnxModel Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FailureException($"there is no file '{path}'.");
        }

        using OnnxSession session = new(path);
        (PictureInput? picture, IReadOnlyList<string> labels) = OnnxMetadata.Read(session.Metadata, path);
        return new OnnxModel(path, picture ?? throw new FailureException(
            $"'{path}' does not say how a picture becomes its input (metadata edgeconv.picture). Files that EdgeConv writes do; "
            + "for others, convert first and evaluate the .ecm."), labels);
    }
}

/// <summary>An ONNX model in ONNX Runtime.</summary>
internal sealed class OnnxClassifier(OnnxModel model) : IClassifier
{
    private readonly OnnxSession _session = new(model.Path);
    private readonly PictureResampler _resampler = new(model.Picture.Layout);
    private readonly byte[] _pixels = new byte[model.Picture.Layout.ByteLength];

    public int Classes => _session.Output.Length;

    public IReadOnlyList<string> Labels => model.Labels;

    public PictureLayout Layout => model.Picture.Layout;

    public double Classify(in Picture picture, Span<float> confidences)
    {
        _resampler.Run(picture, _pixels);
        _session.SetInput(PictureTensor.ToFloat(model.Picture, _pixels));
        long start = Stopwatch.GetTimestamp();
        _session.Run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _session.Output.CopyTo(confidences);
        if (MathF.Abs(_session.Output.Sum() - 1) > 1e-3f || _session.Output.Min() < 0)
        {
            // Logits; a network that ends in softmax is left alone.
            Confidences.Softmax(confidences);
        }

        return seconds;
    }

    public void Dispose() => _session.Dispose();
}
