using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace EdgeConv.Tests.Emulators;

/// <summary>
/// A Raspberry Pi 3 under QEMU with Debian's kernel. Its script's output comes by the serial line; what its GPIO lines and its PWM are is read
/// from the machine's own registers, outside of anything that runs on it.
/// </summary>
internal sealed class EmulatedBoard : IDisposable
{
    // Levels of lines 0 to 31 (GPLEV0 of the BCM2837).
    private const string LevelRegister = "0x3f200034";

    // GPSET0 and GPCLR0. The emulated chip takes them for inputs too: there is nothing else that could drive one.
    private const string SetRegister = "0x3f20001c";
    private const string ClearRegister = "0x3f200028";

    // Control, status, -, -, range 1, data 1 of the BCM2837's PWM, where install.sh put it; the clock is 10 MHz.
    private const string PulseRegisters = "0x3e000000";
    private const int PulseClock = 10, PulseRange = 20_000 * PulseClock;
    private const uint PulsesOn = 1;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly Process _machine;
    private readonly Socket _monitor = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _bus = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _folder;
    private readonly uint _lines;
    private StreamReader? _answers;

    private EmulatedBoard(string board, string folder, IEnumerable<int> lines)
    {
        _folder = folder;
        _lines = lines.Aggregate(0u, (all, line) => all | 1u << line);
        string[] arguments =
        [
            "-M", "raspi3b", "-accel", "tcg,thread=single", "-display", "none", "-no-reboot", "-kernel", Path.Combine(board, "kernel"),
            "-dtb", Path.Combine(board, "board.dtb"), "-initrd", Path.Combine(folder, "ramdisk"), "-serial", "null", "-serial", "stdio",
            "-qmp", $"unix:{Monitor},server=on,wait=off", "-qtest", $"unix:{Bus},server=on,wait=off", "-append", "console=ttyS1,115200 panic=-1 quiet loglevel=3",
        ];
        _machine = Process.Start(new ProcessStartInfo("qemu-system-aarch64", arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
    }

    private string Monitor => Path.Combine(_folder, "monitor");

    private string Bus => Path.Combine(_folder, "bus");

    /// <summary>Boots it with more files in its RAM disk.</summary>
    /// <param name="board">What install.sh prepared.</param>
    /// <param name="folder">For its files.</param>
    /// <param name="files">The folder that is laid over its root; its /script is run.</param>
    /// <param name="lines">The GPIO lines that are looked at.</param>
    public static EmulatedBoard Boot(string board, string folder, string files, IEnumerable<int> lines)
    {
        string script = $"cd '{files}' && {{ cat '{board}/base.cpio.gz'; find . | cpio -o -H newc -R 0:0 2> /dev/null | gzip -1; }} > '{folder}/ramdisk'";
        using Process pack = Process.Start("sh", ["-c", script])!;
        pack.WaitForExit();
        Assert.Equal(0, pack.ExitCode);
        return new EmulatedBoard(board, folder, lines);
    }

    /// <summary>Everything that the board says until its script ends, and what its expectations are answered with: HOST ok, or HOST bad.</summary>
    public IReadOnlyList<string> Run(TimeSpan limit)
    {
        using Timer watchdog = new(_ => _machine.Kill(), null, limit, Timeout.InfiniteTimeSpan);
        List<string> said = [];
        while (_machine.StandardOutput.ReadLine() is { } raw)
        {
            string line = raw.Trim('\r', ' ');
            said.Add(line);
            TestContext.Current.TestOutputHelper?.WriteLine(line);
            if (Answer(line) is { } answer)
            {
                said.Add($"HOST {answer}");
                _machine.StandardInput.Write((answer == "wired" ? "ok" : answer) + "\n");
                _machine.StandardInput.Flush();
            }

            if (line == "@END")
            {
                return said;
            }
        }

        Assert.Fail($"the board ended before its script did:\n{string.Join('\n', said.TakeLast(30))}");
        return said;
    }

    public void Dispose()
    {
        if (!_machine.HasExited)
        {
            _machine.Kill();
        }

        _machine.WaitForExit();
        _machine.Dispose();
        _answers?.Dispose();
        _monitor.Dispose();
        _bus.Dispose();
    }

    /// <summary>The answer to a line that asks for something; null where it does not.</summary>
    private string? Answer(string line)
    {
        string[] words = line.Split(' ');
        switch (words[0])
        {
            case "@EXPECT":
                return Reach(() => $"{Levels() & _lines:x8}", $"{(words[1] == "none" ? 0 : 1u << Number(words[1])):x8}");
            case "@PULSE":
                return Reach(Pulse, words[1]);
            case "@WIRE":
                Drive(Number(words[1]), words[2] == "high");
                return "wired";
            default:
                return null;
        }
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static string Reach(Func<string> look, string wanted)
    {
        long start = Stopwatch.GetTimestamp();
        string found;
        do
        {
            found = look();
            if (found == wanted)
            {
                return "ok";
            }

            Thread.Sleep(50);
        }
        while (Stopwatch.GetElapsedTime(start) < _patience);
        return $"bad: found {found}, expected {wanted}";
    }

    /// <summary>Writes the machine's register by its bus, past everything that runs on it.</summary>
    private void Drive(int line, bool high)
    {
        if (!_bus.Connected)
        {
            _bus.Connect(new UnixDomainSocketEndPoint(Bus));
        }

        _bus.Send(Encoding.ASCII.GetBytes($"writel {(high ? SetRegister : ClearRegister)} 0x{1u << line:x}\n"));
        byte[] answer = new byte[256];
        string text = Encoding.ASCII.GetString(answer, 0, _bus.Receive(answer));
        Assert.Contains("OK", text);
    }

    private uint Levels() => Registers(LevelRegister, 1)[0];

    /// <summary>The length of the pulses of which fifty come a second, in microseconds, or none.</summary>
    private string Pulse()
    {
        uint[] pwm = Registers(PulseRegisters, 6);
        return (pwm[0] & PulsesOn) == 0 ? "none" : pwm[4] == PulseRange ? string.Create(CultureInfo.InvariantCulture, $"{(double)pwm[5] / PulseClock}") : $"every {pwm[4]} ticks";
    }

    private uint[] Registers(string address, int count)
    {
        if (_answers is null)
        {
            _monitor.Connect(new UnixDomainSocketEndPoint(Monitor));
            _answers = new StreamReader(new NetworkStream(_monitor));
            _answers.ReadLine();
            Ask("""{"execute":"qmp_capabilities"}""");
        }

        // Lines of an address, a colon, and up to four numbers.
        string answer = Ask(JsonSerializer.Serialize(new { execute = "human-monitor-command", arguments = new Dictionary<string, string> { ["command-line"] = $"xp /{count}wx {address}" } }));
        return [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(line => line.Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(word => Convert.ToUInt32(word, 16))];
    }

    private string Ask(string command)
    {
        _monitor.Send(Encoding.ASCII.GetBytes(command + "\n"));
        while (true)
        {
            JsonElement answer = JsonDocument.Parse(_answers!.ReadLine()!).RootElement;
            if (answer.TryGetProperty("return", out JsonElement result))
            {
                return result.ValueKind == JsonValueKind.String ? result.GetString()! : "";
            }
        }
    }
}
