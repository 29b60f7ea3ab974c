using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Acting;

/// <summary>Rules that are told what is seen when, in place of a watcher: time goes as the test says.</summary>
internal sealed class ScriptedWatch : IDisposable
{
    private readonly FrameClassifier _model;
    private readonly RuleListener _listener;
    private long _frames;

    public ScriptedWatch(IEnumerable<Rule> rules, OutputLines? lines = null, MqttLink? mqtt = null)
    {
        _model = new FrameClassifier(Model.Load(BrightestPixelModel.Write()), KernelPath.Default);
        _listener = new RuleListener(rules, _model, new RuleActions(lines, mqtt, Said.Enqueue), Said.Enqueue);
    }

    /// <summary>What was said, a sentence each, also by the actions' own threads.</summary>
    public ConcurrentQueue<string> Said { get; } = [];

    /// <summary>The class "left", "right" or "below" is decided on a frame, or "unknown".</summary>
    /// <param name="name">The class.</param>
    /// <param name="milliseconds">Since the beginning.</param>
    /// <param name="brightness">Of its pixel: 255 gives a confidence of 0.576, 0 one of a third.</param>
    public void See(string name, double milliseconds, byte brightness = 255) => See(_model, name, milliseconds, brightness);

    /// <summary>On a frame that another model looked at.</summary>
    public void See(FrameClassifier model, string name, double milliseconds, byte brightness = 255)
    {
        int decided = Enumerable.Range(-1, model.Classes + 1).First(index => model.Label(index) == name);
        byte[] pixels = new byte[4];
        pixels[Math.Max(0, decided)] = brightness;
        Picture picture = new(pixels, 2, 2, PixelFormat.Gray8);
        int best = model.Run(picture);
        _listener.Seen(new Observation
        {
            Frame = new Frame(picture, "script") { Number = _frames++ },
            Classifier = model,
            Best = best,
            Decided = decided,
            VotedConfidence = brightness / 255f,
            IsChange = false,
            Now = Ticks(milliseconds),
            Busy = default,
        });
    }

    /// <summary>No frames for two seconds.</summary>
    public void SeeNothing(double milliseconds) => _listener.Blind(Ticks(milliseconds));

    public void Dispose()
    {
        _listener.Dispose();
        _model.Dispose();
    }

    private static long Ticks(double milliseconds) => Stopwatch.Frequency + (long)(milliseconds * Stopwatch.Frequency / 1000);
}
