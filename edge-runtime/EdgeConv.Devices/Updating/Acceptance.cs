using System.Diagnostics;
using System.Globalization;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime;

namespace EdgeConv.Devices.Updating;

/// <summary>What a model must show on the board before it may run there. The bytes are proven to be those that were signed.</summary>
internal sealed class Acceptance : IDisposable
{
    private const int MostRuns = 21;
    private static readonly TimeSpan _timeFor = TimeSpan.FromSeconds(2);

    private readonly SignedModel _signed;
    private readonly GateOptions _options;
    private readonly string _name;
    private readonly FrameClassifier _classifier;

    /// <exception cref="Runtime.Format.ModelFormatException">It is no model.</exception>
    /// <exception cref="FrameException">It takes no pictures.</exception>
    public Acceptance(SignedModel signed, GateOptions options, string name)
    {
        (_signed, _options, _name) = (signed, options, name);
        _classifier = new FrameClassifier(Model.Load(signed.Bytes.Span), options.Path, options.Threads);
    }

    /// <summary>All of it, in the order of PACKAGE.md.</summary>
    /// <exception cref="PackageException">The first that fails.</exception>
    public void Run()
    {
        CompareWithManifest();
        TestItself();
        Time();
        if (_signed.Frames.Length > 0)
        {
            Recognize(LabelledFrames.Read(_signed.Frames, _classifier.Classes, _name), _signed.Manifest!.LeastAccuracy, "the package's");
        }

        if (_options.Frames is { } folder)
        {
            Recognize(LabelledFrames.InFolder(folder, _classifier.Model.Labels), _options.LeastAccuracy, "this board's");
        }

        if (_options.Objection(_classifier) is { } objection)
        {
            throw Refuse(UpdateReason.Unsuitable, objection);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _classifier.Dispose();

    private void CompareWithManifest()
    {
        (Model model, PackageManifest manifest) = (_classifier.Model, _signed.Manifest!);
        if (manifest.RoundingRule != PackageWriter.RoundingRule)
        {
            throw Refuse(UpdateReason.BadModel, $"rounding rule {manifest.RoundingRule}, and this agent has {PackageWriter.RoundingRule}");
        }

        Compare("the name", [manifest.Name], [model.Name]);
        Compare("the operators", manifest.Operators, PackageWriter.OperatorsOf(model));
        Compare("the labels", manifest.Labels, model.Labels);
    }

    private void Compare(string what, IReadOnlyList<string> said, IReadOnlyList<string> found)
    {
        if (!said.SequenceEqual(found))
        {
            throw Refuse(UpdateReason.BadModel, $"{what} of its model are not those of its head: found {string.Join(", ", found.Take(20))}, expected {string.Join(", ", said.Take(20))}");
        }
    }

    private void TestItself()
    {
        if (_classifier.Model.GoldenVectors.Count == 0)
        {
            throw Refuse(UpdateReason.SelfTest, "it carries no golden vectors to test it with");
        }

        if (SelfTest.Run(_classifier.Model, _options.Path) is { } divergence)
        {
            throw Refuse(UpdateReason.SelfTest, $"its selftest fails on {_options.Path.Name}: golden vector {divergence.GoldenVector} differs first at layer "
                + $"{divergence.Operator}, {divergence.OperatorName}");
        }
    }

    private void Time()
    {
        TimeSpan?[] limits = [_options.Latency, _signed.Manifest!.Latency];
        if (limits.Min() is not { } limit)
        {
            return;
        }

        using Interpreter interpreter = new(_classifier.Model, _options.Path, _options.Threads);
        sbyte[] output = new sbyte[_classifier.Model.Output.ByteLength];
        ReadOnlySpan<sbyte> input = _classifier.Model.GoldenVectors[0].Input.Span;
        interpreter.Invoke(input, output);
        List<double> times = [];
        long begin = Stopwatch.GetTimestamp();
        while (times.Count < MostRuns && (times.Count == 0 || Stopwatch.GetElapsedTime(begin) < _timeFor))
        {
            long start = Stopwatch.GetTimestamp();
            interpreter.Invoke(input, output);
            times.Add((Stopwatch.GetTimestamp() - start) * 1000.0 / Stopwatch.Frequency);
        }

        double median = times.Order().ElementAt(times.Count / 2);
        if (median > limit.TotalMilliseconds)
        {
            throw Refuse(UpdateReason.TooSlow, string.Create(CultureInfo.InvariantCulture,
                $"an inference takes {median:G3} ms here (median of {times.Count}), and {limit.TotalMilliseconds:G6} ms are allowed"));
        }
    }

    private void Recognize(IReadOnlyList<LabelledFrame> frames, double least, string whose)
    {
        int known = 0;
        for (int i = 0; i < frames.Count; i++)
        {
            known += _classifier.Run(LabelledFrames.Decode(frames, i, _name)) == frames[i].Class ? 1 : 0;
        }

        if (known < least * frames.Count)
        {
            throw Refuse(UpdateReason.Inaccurate, string.Create(CultureInfo.InvariantCulture,
                $"it knows {known} of {whose} {frames.Count} labelled frames, and {least:P1} of them are asked for"));
        }
    }

    private PackageException Refuse(UpdateReason reason, string why) => new(reason, $"{_name}: {why}.");
}
