using System.Diagnostics;
using System.IO.Ports;
using System.Text;
using System.Text.RegularExpressions;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Cli.Deployment.Nano;

/// <summary>What a nanoFramework board says on its serial port: plain lines, or lines within the frames of the debugger's protocol.</summary>
internal sealed partial class BoardConsole(string port, int baud, Terminal terminal)
{
    private const int PollMilliseconds = 100, ResetMilliseconds = 100, MostText = 1 << 16;

    /// <summary>Looks whether the port is there.</summary>
    /// <exception cref="FailureException">It is not; the message has those that are.</exception>
    public static void Need(string port)
    {
        string[] ports = [.. SerialPort.GetPortNames().Order(StringComparer.Ordinal)];
        if (!ports.Contains(port) && !File.Exists(port))
        {
            throw new FailureException($"there is no serial port {port}. {(ports.Length == 0 ? "None is here: plug the board in" : $"Here are {string.Join(", ", ports)}")}.");
        }
    }

    /// <summary>Restarts the board and waits for what its program says about its golden vector.</summary>
    /// <param name="timeout">How long.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The digits behind the word, a CRC-32C; null where the model has no golden vector.</returns>
    /// <exception cref="FailureException">It says that a layer differs, or nothing in that time, or the port cannot be opened.</exception>
    public string? WaitForGolden(TimeSpan timeout, CancellationToken cancel)
    {
        try
        {
            using SerialPort serial = new(port, baud) { ReadTimeout = PollMilliseconds };
            serial.Open();
            Restart(serial);
            return Wait(serial, timeout, cancel);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new FailureException($"the serial port {port} cannot be read: {exception.Message} Is another program, such as Visual Studio, using it?", exception);
        }
    }

    // The program speaks once, after its start, which may be before the port was opened. On ESP32 boards RTS holds the processor's reset line.
    private void Restart(SerialPort serial)
    {
        try
        {
            serial.DtrEnable = false;
            serial.RtsEnable = true;
            Thread.Sleep(ResetMilliseconds);

            // what the program before said is not this one's
            serial.DiscardInBuffer();
            serial.RtsEnable = false;
        }
        catch (IOException)
        {
            terminal.Note($"{port} has no reset line: press the board's reset button");
        }
    }

    private string? Wait(SerialPort serial, TimeSpan timeout, CancellationToken cancel)
    {
        StringBuilder text = new();
        byte[] bytes = new byte[512];
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < timeout)
        {
            cancel.ThrowIfCancellationRequested();
            int read = Read(serial, bytes);
            for (int i = 0; i < read; i++)
            {
                text.Append(bytes[i] is >= (byte)' ' and < 127 ? (char)bytes[i] : '\n');
            }

            text.Remove(0, Math.Max(0, text.Length - MostText));
            if (read > 0 && Sentinel().Match(text.ToString()) is { Success: true } said)
            {
                if (said.Groups["without"].Success)
                {
                    throw new FailureException($"the application is on the board, and has no weights there: it says '{said.Value}'. Put model.weights into a slot, as its README.md says, and press the reset button.");
                }

                return said.Groups["failed"].Success
                    ? throw new FailureException($"the board computes other bytes than the PC: it says '{said.Value}'. Flash its firmware again with --board, then deploy again.")
                    : said.Groups["crc"].Success ? said.Groups["crc"].Value : null;
            }
        }

        string last = text.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault(line => line.Length > 3) ?? "";
        throw new FailureException($"no 'EdgeConv: golden ok' from {port} at {baud} baud within {timeout.TotalSeconds:0.#} s; "
            + (last.Length > 0 ? $"the board's last words: '{last}'." : "the board said nothing. Press its reset button, or try another --baud.")
            + " The application is on the board.");
    }

    private static int Read(SerialPort serial, byte[] bytes)
    {
        try
        {
            return serial.Read(bytes, 0, bytes.Length);
        }
        catch (TimeoutException)
        {
            return 0;
        }
    }

    // A line that fails is taken when it is whole, so that the layer is in the message.
    [GeneratedRegex(@"EdgeConv: (golden ok (?<crc>[0-9A-F]{8})|(?<failed>golden failed[^\n]*)(?=\n)|(?<without>no slot has weights[^\n]*)(?=\n)|no golden vector)")]
    private static partial Regex Sentinel();
}
