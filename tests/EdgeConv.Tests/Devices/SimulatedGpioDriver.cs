using System.Collections.Concurrent;
using System.Device.Gpio;

namespace EdgeConv.Tests.Devices;

/// <summary>A GPIO chip in memory: levels, open lines, and how many were ever high together.</summary>
internal sealed class SimulatedGpioDriver(int lines = 28) : GpioDriver
{
    private readonly PinMode?[] _modes = new PinMode?[lines];
    private readonly PinValue[] _levels = new PinValue[lines];
    private readonly ConcurrentQueue<PinValue> _script = [];
    private int _reads;

    /// <summary>Opening this line fails, as one that the kernel holds does.</summary>
    public int? Busy { get; init; }

    /// <summary>Reading and writing this line fail from now on.</summary>
    public int? Broken { get; set; }

    /// <summary>Every level written, in order.</summary>
    public ConcurrentQueue<(int Pin, PinValue Level)> Written { get; } = [];

    /// <summary>Lines that are open.</summary>
    public IReadOnlyList<int> Open => [.. Enumerable.Range(0, lines).Where(pin => _modes[pin] is not null)];

    /// <summary>Lines whose level is high, open or not: a real chip keeps the level when a line is closed.</summary>
    public IReadOnlyList<int> High => [.. Enumerable.Range(0, lines).Where(pin => _levels[pin] == PinValue.High)];

    /// <summary>How often a line was read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Whether all levels of <see cref="Play"/> were read.</summary>
    public bool HasPlayed => _script.IsEmpty;

    /// <summary>What is wired to an input puts it at that level.</summary>
    public void Set(int pin, PinValue level) => _levels[pin] = level;

    /// <summary>The next readings see these levels, one each, however fast or slow they are.</summary>
    public void Play(IEnumerable<PinValue> levels)
    {
        foreach (PinValue level in levels)
        {
            _script.Enqueue(level);
        }
    }

    /// <inheritdoc/>
    protected override int PinCount => lines;

    /// <inheritdoc/>
    protected override void OpenPin(int pinNumber) =>
        _modes[pinNumber] = pinNumber == Busy ? throw new InvalidOperationException($"line {pinNumber} is busy") : PinMode.Input;

    /// <inheritdoc/>
    protected override void ClosePin(int pinNumber) => _modes[pinNumber] = null;

    /// <inheritdoc/>
    protected override void SetPinMode(int pinNumber, PinMode mode) => _modes[pinNumber] = mode;

    /// <inheritdoc/>
    protected override PinMode GetPinMode(int pinNumber) => _modes[pinNumber] ?? throw new InvalidOperationException("closed");

    /// <inheritdoc/>
    protected override bool IsPinModeSupported(int pinNumber, PinMode mode) => mode is PinMode.Input or PinMode.InputPullUp or PinMode.Output;

    /// <inheritdoc/>
    protected override PinValue Read(int pinNumber)
    {
        Interlocked.Increment(ref _reads);
        return pinNumber == Broken ? throw new IOException($"line {pinNumber} does not answer") : _script.TryDequeue(out PinValue level) ? level : _levels[pinNumber];
    }

    /// <inheritdoc/>
    protected override void Write(int pinNumber, PinValue value)
    {
        Assert.NotNull(_modes[pinNumber]);
        if (pinNumber == Broken)
        {
            throw new IOException($"line {pinNumber} does not answer");
        }

        _levels[pinNumber] = value;
        Written.Enqueue((pinNumber, value));
    }

    /// <inheritdoc/>
    protected override WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void AddCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void RemoveCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback) =>
        throw new NotSupportedException();
}
