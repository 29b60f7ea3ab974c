using System.Diagnostics;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Deciding;

/// <summary>A model that takes pictures, on one kernel path. Allocates nothing a frame.</summary>
public sealed class FrameClassifier : IDisposable
{
    private readonly Interpreter _interpreter;
    private readonly Preprocessor _preprocessor;
    private readonly float[] _confidences;
    private readonly long[] _layerTicks;

    /// <param name="model">The classifier's from now on, also when this throws.</param>
    /// <param name="path">The kernels.</param>
    /// <param name="threads">Threads that share the work of large layers.</param>
    /// <exception cref="FrameException">The model does not say how a picture becomes its input.</exception>
    public FrameClassifier(Model model, KernelPath path, int threads = 1)
    {
        try
        {
            PreprocessingRecord record = model.Preprocessing
                ?? throw new FrameException($"{model.Name} does not say how a picture becomes its input; give it tensors with --raw.");
            _preprocessor = new Preprocessor(record);
            _interpreter = new Interpreter(model, path, threads);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        Model = model;
        _confidences = new float[model.Output.Length];
        _layerTicks = new long[model.Operators.Count];
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The kernels that run it.</summary>
    public KernelPath Path => _interpreter.Path;

    /// <summary>The part of every frame that it looks at, or null for all of it.</summary>
    public FrameRegion? Region { get; init; }

    /// <summary>How many classes it tells apart.</summary>
    public int Classes => _confidences.Length;

    /// <summary>Of the last frame, one a class; their sum is 1.</summary>
    public ReadOnlySpan<float> Confidences => _confidences;

    /// <summary>Whether <see cref="Run"/> takes the time of each layer: the same answer, and a look at the clock a layer.</summary>
    public bool TimesLayers { get; set; }

    /// <summary>Ticks of the stopwatch that each layer took when they were timed last.</summary>
    public ReadOnlySpan<long> LayerTicks => _layerTicks;

    /// <summary>Name of a class; "unknown" for <see cref="ClassDecider.Unknown"/>.</summary>
    public string Label(int index) => index == ClassDecider.Unknown ? ClassDecider.UnknownName : Deciding.Confidences.Label(Model, index);

    /// <summary>Classifies a frame.</summary>
    /// <returns>The likeliest class.</returns>
    public int Run(in Picture picture)
    {
        PictureRegion region = Region?.In(picture.Width, picture.Height) ?? new PictureRegion(0, 0, picture.Width, picture.Height);
        _preprocessor.Run(picture, region, _interpreter.Input);
        if (TimesLayers)
        {
            RunLayers();
        }
        else
        {
            _interpreter.Run();
        }

        Deciding.Confidences.Read(Model, _interpreter.Output, _confidences);
        return Model.Output.IndexOfLargest(_interpreter.Output);
    }

    private void RunLayers()
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < _layerTicks.Length; i++)
        {
            _interpreter.RunOperator(i);
            long now = Stopwatch.GetTimestamp();
            (_layerTicks[i], start) = (now - start, now);
        }
    }

    /// <summary>Gives the arena and the model back.</summary>
    public void Dispose()
    {
        _interpreter.Dispose();
        Model.Dispose();
    }
}
