using System.Diagnostics;
using System.Text.Json;
using EdgeConv.Cli.Screen;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Cli.Models;

/// <summary>What `run --camera` was asked for.</summary>
/// <param name="Camera">Where frames come from.</param>
/// <param name="Top">Answers a frame.</param>
/// <param name="SaveAs">Class under which frames are saved, or null.</param>
/// <param name="To">The folder of all classes, with a class.</param>
/// <param name="SaveEvery">The pause between two saved frames; null: every frame of files, two a second of a camera.</param>
/// <param name="Frames">How many frames to look at, saved ones where frames are saved; null: until Ctrl-C or the last file.</param>
/// <param name="Json">One JSON object a line instead of text.</param>
internal sealed record CameraRequest(CameraUri Camera, int Top, string? SaveAs, string? To, TimeSpan? SaveEvery, int? Frames, bool Json);

/// <summary>Classes of live frames, and frames saved for training.</summary>
internal static class CameraRun
{
    private static readonly TimeSpan _saveEvery = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _lineEvery = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions _line = new(JsonSerializerDefaults.Web);

    /// <summary>Runs until the frames end, there are enough of them, or Ctrl-C.</summary>
    /// <param name="classifier">Null where frames are only saved.</param>
    /// <param name="request">What to do.</param>
    /// <param name="terminal">For lines and notes.</param>
    /// <param name="cancel">Ends it; what is saved stays.</param>
    /// <exception cref="FrameException">The camera cannot be opened, or the class is no folder's name.</exception>
    public static void Run(EdgeClassifier? classifier, CameraRequest request, Terminal terminal, CancellationToken cancel)
    {
        _ = classifier?.Layout;
        FrameFolder? folder = request.SaveAs is null ? null : new FrameFolder(request.To!, request.SaveAs);
        using IFrameSource source = FrameSources.Open(request.Camera, terminal.Note, mustBeThere: true);
        using CancellationTokenRegistration stop = cancel.Register(() => (source as LiveCamera)?.Stop());
        Loop(source, classifier, folder, request, terminal, cancel);
        if (folder is not null)
        {
            terminal.Note($"saved {Units.Count(folder.Count)} frames in {Path.Combine(request.To!, request.SaveAs!)}");
        }
    }

    private static void Loop(
        IFrameSource source, EdgeClassifier? classifier, FrameFolder? folder, CameraRequest request, Terminal terminal, CancellationToken cancel)
    {
        bool isLive = source is LiveCamera;
        TimeSpan pause = request.SaveEvery ?? (isLive ? _saveEvery : TimeSpan.Zero);
        float[] confidences = new float[classifier?.Classes ?? 0];
        long savedAt = 0, seen = 0;
        LiveLines lines = new(terminal, isLive ? _lineEvery : TimeSpan.Zero);
        while (!cancel.IsCancellationRequested && TryRead(source, terminal, out Frame frame))
        {
            seen++;
            if (classifier is not null)
            {
                double seconds = classifier.Classify(frame.Picture, confidences);
                Show(frame, seconds);
            }

            if (folder is not null && (savedAt == 0 || Stopwatch.GetElapsedTime(savedAt) >= pause))
            {
                savedAt = Stopwatch.GetTimestamp();
                string file = folder.Save(frame.Picture);
                if (classifier is null && !request.Json)
                {
                    terminal.Line(file);
                }
            }

            if (request.Frames <= (folder?.Count ?? seen))
            {
                return;
            }
        }

        void Show(in Frame frame, double seconds)
        {
            if (request.Json)
            {
                Classified answer = Classified.From(frame.Name, confidences, classifier!.Labels, request.Top, seconds);
                terminal.Line(JsonSerializer.Serialize(new { frame.Number, answer.Source, answer.Top, answer.Milliseconds }, _line));
            }
            else if (lines.IsDue(Confidences.Best(confidences)))
            {
                lines.Print(Classified.From(frame.Name, confidences, classifier!.Labels, request.Top, seconds), frame, isLive);
            }
        }
    }

    // A file that does not decode is told of and left out, as a camera's broken frame is.
    private static bool TryRead(IFrameSource source, Terminal terminal, out Frame frame)
    {
        while (true)
        {
            try
            {
                return source.TryRead(out frame);
            }
            catch (FrameException error)
            {
                terminal.Note($"{error.Message} It is left out.");
            }
        }
    }

    /// <summary>A line when the class changes, and otherwise one a while.</summary>
    private sealed class LiveLines(Terminal terminal, TimeSpan pause)
    {
        private int _class = -1;
        private long _at;
        private int _frames;

        public bool IsDue(int best)
        {
            _frames++;
            if (best == _class && Stopwatch.GetElapsedTime(_at) < pause)
            {
                return false;
            }

            _class = best;
            return true;
        }

        public void Print(Classified result, in Frame frame, bool isLive)
        {
            string answers = string.Join("  ", result.Top.Select(answer => $"{answer.Label} {100 * answer.Confidence:F1} %"));
            double rate = _at == 0 ? 0 : _frames / Stopwatch.GetElapsedTime(_at).TotalSeconds;
            terminal.Line(isLive
                ? $"{frame.Number,6}  {answers}  {result.Milliseconds:F2} ms{(rate > 0 ? $"  {rate:F1} frames/s" : "")}"
                : $"{result.Source}  {answers}  {result.Milliseconds:F2} ms");
            (_at, _frames) = (Stopwatch.GetTimestamp(), 0);
        }
    }
}
