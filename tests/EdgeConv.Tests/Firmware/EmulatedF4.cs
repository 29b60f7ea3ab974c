using System.Diagnostics;

namespace EdgeConv.Tests.Firmware;

/// <summary>
/// Firmware of the STM32F4 Discovery on QEMU's Netduino Plus 2, whose STM32F405 differs from the F407 in what is not used here. The serial line
/// is the emulator's own; what is written to the pins it logs.
/// </summary>
internal sealed class EmulatedF4 : IDisposable
{
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(2);

    private readonly Process _qemu;
    private readonly Timer _guard;
    private readonly string _log;

    public EmulatedF4(string elf, string log)
    {
        _log = log;
        _qemu = Process.Start(new ProcessStartInfo("qemu-system-arm",
            ["-M", "netduinoplus2", "-display", "none", "-monitor", "none", "-serial", "null", "-serial", "stdio", "-kernel", elf, "-d", "unimp", "-D", log])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _guard = new Timer(_ => _qemu.Kill(), null, _longest, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Values written to port D's set and reset register, where the LEDs are.</summary>
    public string[] Leds => [.. File.ReadLines(_log)
        .Where(line => line.StartsWith("GPIOD", StringComparison.Ordinal) && line.Contains("offset 0x018", StringComparison.Ordinal) && line.EndsWith(')'))
        .Select(line => line[^11..^1])];

    /// <summary>The next line that the firmware says, null where the emulator ended.</summary>
    public string? ReadLine() => _qemu.StandardOutput.ReadLine();

    /// <summary>Bytes to the firmware.</summary>
    public void Write(byte[] bytes)
    {
        _qemu.StandardInput.BaseStream.Write(bytes);
        _qemu.StandardInput.BaseStream.Flush();
    }

    public void Dispose()
    {
        _guard.Dispose();
        _qemu.Kill();
        _qemu.WaitForExit();
        _qemu.Dispose();
    }
}
