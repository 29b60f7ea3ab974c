using System.Device.Gpio;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Gpio;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.Devices;

namespace EdgeConv.Tests.Acting;

/// <summary>When rules hold and when they act, on a simulated GPIO chip and by the lines of a file.</summary>
public sealed class RuleTests : IDisposable
{
    private readonly SimulatedGpioDriver _chip = new();
    private readonly GpioController _controller;
    private readonly TemporaryFolder _folder = new();

    public RuleTests() => _controller = new GpioController(_chip);

    public void Dispose()
    {
        _controller.Dispose();
        _chip.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_line_is_on_from_when_the_class_was_there_long_enough_until_it_is_gone()
    {
        using OutputLines lines = Lines(17);
        using ScriptedWatch watch = new([Set("left", 17) with { For = TimeSpan.FromMilliseconds(500) }], lines);
        watch.See("left", 0);
        watch.See("left", 499);
        Assert.Empty(_chip.High);
        watch.See("left", 500);
        Assert.Equal([17], _chip.High);
        watch.See("left", 9000);
        Assert.Equal([17], _chip.High);
        watch.See("right", 9010);
        Assert.Empty(_chip.High);
        watch.See("left", 9020);
        watch.See("unknown", 9300);
        watch.See("left", 9600);
        watch.See("left", 9900);
        Assert.Empty(_chip.High);
        watch.See("left", 10100);
        Assert.Equal([17], _chip.High);
    }

    [Fact]
    public void One_line_goes_off_before_the_next_one_goes_on()
    {
        using OutputLines lines = Lines(17, 27);
        using ScriptedWatch watch = new([Set("left", 17), Set("right", 27)], lines);
        _chip.Written.Clear();
        watch.See("right", 0);
        watch.See("left", 1);
        watch.See("left", 2);
        Assert.Equal([(27, PinValue.High), (27, PinValue.Low), (17, PinValue.High)], _chip.Written);
    }

    [Fact]
    public void It_must_be_sure_at_first_and_stays_as_long_as_the_class_is_decided()
    {
        using OutputLines lines = Lines(17);
        using ScriptedWatch watch = new([Set("left", 17) with { Confidence = 0.5f, For = TimeSpan.FromMilliseconds(100) }], lines);
        watch.See("left", 0, brightness: 100);
        watch.See("left", 50);
        watch.See("left", 100, brightness: 100);
        watch.See("left", 160);
        Assert.Empty(_chip.High);
        watch.See("left", 260);
        watch.See("left", 300, brightness: 10);
        Assert.Equal([17], _chip.High);
    }

    [Fact]
    public void Several_classes_keep_a_line_on_and_act_one_by_one()
    {
        using OutputLines lines = Lines(17);
        Rule rule = new("r", new ClassSet(["any"])) { For = TimeSpan.FromMilliseconds(100), Actions = [new SetRule(new OutputLine(17)), Append] };
        using (ScriptedWatch watch = new([rule], lines))
        {
            watch.See("left", 0);
            watch.See("left", 100);
            watch.See("right", 200);
            Assert.Equal([17], _chip.High);
            watch.See("right", 250);
            watch.See("right", 310);
            watch.See("below", 350);
            watch.See("left", 360);
            watch.See("left", 470);
            watch.See("unknown", 480);
            Assert.Empty(_chip.High);
            AppendedAre(3);
        }

        Assert.Equal(["left", "right", "left"], Appended());
    }

    [Fact]
    public void It_acts_once_unless_it_should_again_and_never_too_often()
    {
        Rule again = new("r", new ClassSet(["left"])) { AgainEvery = TimeSpan.FromSeconds(1), Actions = [Append] };
        using (ScriptedWatch watch = new([again]))
        {
            for (int i = 0; i <= 3500; i += 100)
            {
                watch.See("left", i);
            }

            AppendedAre(4);
        }

        Assert.Equal(4, Appended().Count);
        File.Delete(Append.File);
        Rule limited = new("r", new ClassSet(["left"])) { AtMostEvery = TimeSpan.FromSeconds(2), Actions = [Append] };
        using (ScriptedWatch watch = new([limited]))
        {
            for (int i = 0; i < 10; i++)
            {
                watch.See("left", i * 1000);
                watch.See("right", i * 1000 + 500);
            }

            AppendedAre(5);
        }

        Assert.Equal(5, Appended().Count);
    }

    [Fact]
    public void Without_frames_a_class_ends_and_unknown_begins()
    {
        using OutputLines lines = Lines(17, 27);
        using ScriptedWatch watch = new([Set("any", 17), Set("unknown", 27) with { For = TimeSpan.FromSeconds(1), Confidence = 0.9f }], lines);
        watch.See("left", 0);
        Assert.Equal([17], _chip.High);
        watch.SeeNothing(2000);
        Assert.Equal([27], _chip.High);
        watch.SeeNothing(4000);
        watch.See("left", 4500);
        Assert.Equal([17], _chip.High);
    }

    [Fact]
    public void Another_model_is_asked_for_its_own_classes()
    {
        using OutputLines lines = Lines(17, 27);
        using FrameClassifier other = new(Model.Load(BrightestPixelModel.Write(classes: 5, digits: true)), KernelPath.Default);
        using ScriptedWatch watch = new([Set("left", 17) with { Name = "lamp" }, Set("any", 27)], lines);
        watch.See("left", 0);
        Assert.Equal([17, 27], _chip.High);
        watch.See(other, "3", 10);
        Assert.Equal([27], _chip.High);
        Assert.Equal(["lamp: brightest has none of its classes; it will not act."], watch.Said);
        watch.See("left", 20);
        Assert.Equal([17, 27], _chip.High);
    }

    [Fact]
    public void At_the_end_all_lines_are_off_and_given_back()
    {
        using OutputLines lines = Lines(17, 22);
        ScriptedWatch watch = new([Set("left", 17), new Rule("b", new ClassSet(["left"])) { Actions = [new BlinkRule(new OutputLine(22), TimeSpan.FromHours(1))] }], lines);
        watch.See("left", 0);
        Assert.Equal([17, 22], _chip.High);
        watch.Dispose();
        Assert.Empty(_chip.High);
        lines.Dispose();
        Assert.Empty(_chip.Open);
    }

    [Fact]
    public void A_frame_on_which_nothing_changes_costs_no_memory()
    {
        using OutputLines lines = Lines(17, 27, 22);
        Rule[] rules =
        [
            Set("left", 17) with { For = TimeSpan.FromMilliseconds(5) },
            new Rule("p", new ClassSet(["any"])) { Actions = [new PulseRule(new OutputLine(27), TimeSpan.FromMilliseconds(1)), Append] },
            new Rule("b", new ClassSet(["unknown"])) { Actions = [new BlinkRule(new OutputLine(22), TimeSpan.FromMilliseconds(1))] },
        ];
        using FrameClassifier model = new(Model.Load(BrightestPixelModel.Write()), KernelPath.Default);
        using RuleListener listener = new(rules, model, new RuleActions(lines, null, _ => { }), _ => { });
        EdgeConv.Runtime.Preprocessing.Picture picture = new(new byte[] { 255, 0, 0, 0 }, 2, 2, EdgeConv.Runtime.Preprocessing.PixelFormat.Gray8);
        model.Run(picture);
        long allocated = 0;
        for (int i = 0; i < 2000; i++)
        {
            if (i == 1000)
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
            }

            listener.Seen(new EdgeConv.Devices.Watching.Observation
            {
                Frame = new EdgeConv.Devices.Frames.Frame(picture, "f") { Number = i },
                Classifier = model,
                Best = 0,
                Decided = 0,
                VotedConfidence = 1,
                IsChange = false,
                Now = System.Diagnostics.Stopwatch.GetTimestamp(),
                Busy = default,
            });
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    private AppendRule Append => new(_folder.Path("seen.jsonl"), 1_000_000, 1);

    private static Rule Set(string when, int line) => new($"set {line}", new ClassSet([when])) { Actions = [new SetRule(new OutputLine(line))] };

    private OutputLines Lines(params int[] numbers) => new(_controller, [.. numbers.Select(number => new OutputLine(number))]);

    /// <summary>Waits until so many lines are there: the end of a watch gives the file no longer than a moment.</summary>
    private void AppendedAre(int lines) =>
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Append.File) && File.ReadAllLines(Append.File).Length >= lines, TimeSpan.FromSeconds(60)), $"not {lines} lines");

    private List<string> Appended() =>
        [.. File.ReadAllLines(Append.File).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("class").GetString()!)];
}
