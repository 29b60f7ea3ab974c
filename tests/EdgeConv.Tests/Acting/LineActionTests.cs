using System.Device.Gpio;
using System.Diagnostics;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Gpio;
using EdgeConv.Tests.Devices;

namespace EdgeConv.Tests.Acting;

/// <summary>Lines with a time of their own, the stop button, and which chip it is, without hardware.</summary>
public sealed class LineActionTests : IDisposable
{
    private readonly SimulatedGpioDriver _chip = new();
    private readonly GpioController _controller;

    public LineActionTests() => _controller = new GpioController(_chip);

    public void Dispose()
    {
        _controller.Dispose();
        _chip.Dispose();
    }

    [Fact]
    public void A_pulse_ends_by_itself_and_without_frames()
    {
        using OutputLines lines = new(_controller, [new OutputLine(5)]);
        using ScriptedWatch watch = new([new Rule("p", new ClassSet(["left"])) { Actions = [new PulseRule(new OutputLine(5), TimeSpan.FromMilliseconds(80))] }], lines);
        _chip.Written.Clear();
        long start = Stopwatch.GetTimestamp();
        watch.See("left", 0);
        // It may be over before anybody looks.
        Assert.True(SpinWait.SpinUntil(() => _chip.Written.Count == 2, TimeSpan.FromSeconds(30)));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 75, 30_000);
        Assert.Equal([(5, PinValue.High), (5, PinValue.Low)], _chip.Written);
        Assert.Empty(_chip.High);
    }

    [Fact]
    public void A_blink_goes_on_and_off_without_frames_and_ends_off()
    {
        using OutputLines lines = new(_controller, [new OutputLine(5, ActiveLow: true)]);
        using ScriptedWatch watch = new([new Rule("b", new ClassSet(["left"])) { Actions = [new BlinkRule(new OutputLine(5, true), TimeSpan.FromMilliseconds(10))] }], lines);
        Assert.Equal([5], _chip.High);
        watch.See("left", 0);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(SpinWait.SpinUntil(() => _chip.High.Count == 0, TimeSpan.FromSeconds(30)));
            Assert.True(SpinWait.SpinUntil(() => _chip.High.Count == 1, TimeSpan.FromSeconds(30)));
        }

        watch.See("unknown", 100);
        int written = _chip.Written.Count;
        Thread.Sleep(60);
        Assert.Equal(([5], written), (_chip.High.ToArray(), _chip.Written.Count), (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2 == b.Item2);
    }

    [Fact]
    public void A_chip_that_refuses_is_said_and_the_rules_go_on()
    {
        OutputLines lines = new(_controller, [new OutputLine(5), new OutputLine(6)]);
        using ScriptedWatch watch = new([Set("left", 5), Set("left", 6)], lines);
        _chip.Broken = 5;
        watch.See("left", 0);
        Assert.Equal([6], _chip.High);
        Assert.Equal(["set 5: line 5: line 5 does not answer"], watch.Said);
        _chip.Broken = null;
        lines.Dispose();
        Assert.Empty(_chip.High);

        static Rule Set(string when, int line) => new($"set {line}", new ClassSet([when])) { Actions = [new SetRule(new OutputLine(line))] };
    }

    [Fact]
    public void The_button_counts_when_it_stays_down_and_once_a_press()
    {
        _chip.Set(21, PinValue.High);
        int pressed = 0;
        using StopButton button = new(_controller, 21, () => Interlocked.Increment(ref pressed));
        Assert.Equal(PinMode.InputPullUp, _controller.GetPinMode(21));
        // A contact that bounces: up for a while, then never down as long as it takes.
        PinValue[] bounce = [PinValue.Low, PinValue.Low, PinValue.Low, PinValue.Low, PinValue.High];
        _chip.Play([.. Enumerable.Repeat(PinValue.High, 5), .. Enumerable.Repeat(bounce, 10).SelectMany(levels => levels)]);
        Assert.True(SpinWait.SpinUntil(() => _chip.HasPlayed, TimeSpan.FromSeconds(30)));
        Assert.Equal(0, pressed);
        _chip.Set(21, PinValue.Low);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref pressed) == 1, TimeSpan.FromSeconds(30)));
        AwaitReads(12);
        Assert.Equal(1, pressed);
        button.Dispose();
        Assert.Empty(_chip.Open);
    }

    [Fact]
    public void A_button_that_hangs_from_the_beginning_does_not_count()
    {
        int pressed = 0;
        using StopButton button = new(_controller, 21, () => Interlocked.Increment(ref pressed));
        AwaitReads(12);
        Assert.Equal(0, pressed);
    }

    [Fact]
    public void A_button_whose_chip_does_not_answer_ends_nothing_and_works_when_it_does()
    {
        _chip.Broken = 21;
        int pressed = 0;
        using StopButton button = new(_controller, 21, () => Interlocked.Increment(ref pressed));
        AwaitReads(12);
        Assert.Equal(0, pressed);
        _chip.Set(21, PinValue.High);
        _chip.Broken = null;
        AwaitReads(6);
        _chip.Set(21, PinValue.Low);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref pressed) == 1, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void The_chip_is_that_of_the_header_or_the_one_that_is_named()
    {
        GpioChip[] five = [new(0, "gpio-brcmstb@107d508500", 32), new(10, "gpio-brcmstb@107d508520", 4), new(4, "pinctrl-rp1", 54), new(11, "pinctrl-bcm2712", 17)];
        GpioChip[] four = [new(0, "pinctrl-bcm2711", 58), new(1, "raspberrypi-exp-gpio", 8)];
        Assert.Equal(4, GpioChips.Choose(five, null).Number);
        Assert.Equal(0, GpioChips.Choose(four, null).Number);
        Assert.Equal(7, GpioChips.Choose([new(7, "other", 8)], null).Number);
        Assert.Equal(1, GpioChips.Choose(four, "raspberrypi-exp-gpio").Number);
        Assert.Equal(10, GpioChips.Choose(five, "gpiochip10").Number);
        Assert.Equal(11, GpioChips.Choose(five, "/dev/gpiochip11").Number);
        Assert.Equal(4, GpioChips.Choose(five, "4").Number);
        Assert.Contains("no GPIO chip \"x\" here; there is gpiochip0 \"pinctrl-bcm2711\" with 58 lines,", Assert.Throws<GpioException>(() => GpioChips.Choose(four, "x")).Message);
        Assert.EndsWith("there is none that can be opened (root may, and the group gpio).", Assert.Throws<GpioException>(() => GpioChips.Choose([], null)).Message);
        Assert.Contains("Name one", Assert.Throws<GpioException>(() => GpioChips.Choose([new(0, "a", 1), new(1, "b", 1)], null)).Message);
    }

    /// <summary>Waits until the button has looked so many times more.</summary>
    private void AwaitReads(int more)
    {
        int before = _chip.Reads;
        Assert.True(SpinWait.SpinUntil(() => _chip.Reads >= before + more, TimeSpan.FromSeconds(30)));
    }
}
