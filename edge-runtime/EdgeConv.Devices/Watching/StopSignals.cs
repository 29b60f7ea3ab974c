using System.Runtime.InteropServices;

namespace EdgeConv.Devices.Watching;

/// <summary>While it lives, Ctrl-C and systemd's stop end something in good order instead of the process at once.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="stop">Called for each signal, from another thread.</param>
    public StopSignals(Action stop)
    {
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop();
        }
    }

    /// <summary>Signals end the process again.</summary>
    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());
}
