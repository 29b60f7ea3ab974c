using EdgeConv.Devices.Gpio;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>Switches a line; a chip that refuses is said.</summary>
internal abstract class LineAction(string name, OutputLines lines, int line, Action<string> say) : RuleAction
{
    private readonly Complaints _complaints = new(name, say);

    /// <summary>Guards the line's state against a timer's thread.</summary>
    protected Lock Guard { get; } = new();

    /// <inheritdoc/>
    public override void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Never throws.</summary>
    protected void Switch(bool on)
    {
        try
        {
            lines.Switch(line, on);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _complaints.Add($"line {line}: {error.Message}");
        }
    }
}

/// <summary>On while the rule holds.</summary>
internal sealed class SetAction(string name, OutputLines lines, int line, Action<string> say) : LineAction(name, lines, line, say)
{
    /// <inheritdoc/>
    public override void Begin() => Switch(true);

    /// <inheritdoc/>
    public override void End() => Switch(false);
}

/// <summary>On for a while, however frames come.</summary>
internal sealed class PulseAction : LineAction
{
    private readonly TimeSpan _on;
    private readonly Timer _off;

    public PulseAction(string name, OutputLines lines, int line, TimeSpan on, Action<string> say)
        : base(name, lines, line, say)
    {
        _on = on;
        _off = new Timer(_ => Switch(false));
    }

    /// <inheritdoc/>
    public override void Act(ActionEvent what, in Picture? picture)
    {
        Switch(true);
        _off.Change(_on, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        using ManualResetEvent done = new(false);
        if (_off.Dispose(done))
        {
            done.WaitOne();
        }

        base.Dispose();
    }
}

/// <summary>On and off in turns while the rule holds, however frames come.</summary>
internal sealed class BlinkAction : LineAction
{
    private readonly TimeSpan _half;
    private readonly Timer _turn;
    private bool _holds;
    private bool _isOn;

    public BlinkAction(string name, OutputLines lines, int line, TimeSpan half, Action<string> say)
        : base(name, lines, line, say)
    {
        _half = half;
        _turn = new Timer(_ => Turn());
    }

    /// <inheritdoc/>
    public override void Begin()
    {
        lock (Guard)
        {
            _holds = _isOn = true;
            Switch(true);
            _turn.Change(_half, _half);
        }
    }

    /// <inheritdoc/>
    public override void End()
    {
        lock (Guard)
        {
            _holds = _isOn = false;
            _turn.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Switch(false);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        End();
        _turn.Dispose();
        base.Dispose();
    }

    private void Turn()
    {
        lock (Guard)
        {
            // A turn that began before the end is late.
            if (_holds)
            {
                _isOn = !_isOn;
                Switch(_isOn);
            }
        }
    }
}
