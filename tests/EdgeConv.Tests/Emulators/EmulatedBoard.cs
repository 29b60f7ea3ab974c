using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeConv.Tests.Emulators;

/// <summary>
/// A Raspberry Pi 3 under QEMU with Debian's kernel. Its script's output comes by the serial line; what its GPIO lines are is read from the
/// machine's own register, outside of anything that runs on it.
/// </summary>
internal sealed partial class EmulatedBoard : IDisposable
{
    // Levels of lines 0 to 31 (GPLEV0 of the BCM2837).
    private const string LevelRegister = "0x3f200034";

    // GPSET0 and GPCLR0. The emulated chip takes them for inputs too: there is nothing else that could drive one.
    private const string SetRegister = "0x3f20001c";
    private const string ClearRegister = "0x3f200028";
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
            if (Expectation().Match(line) is { Success: true } match)
            {
                uint wanted = match.Groups[1].Value == "none" ? 0 : 1u << int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                string answer = Reach(wanted);
                said.Add($"HOST {answer}");
                _machine.StandardInput.Write(answer + "\n");
                _machine.StandardInput.Flush();
            }

            if (Wiring().Match(line) is { Success: true } wiring)
            {
                Drive(int.Parse(wiring.Groups[1].Value, CultureInfo.InvariantCulture), wiring.Groups[2].Value == "high");
                said.Add("HOST wired");
                _machine.StandardInput.Write("ok\n");
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

    private string Reach(uint wanted)
    {
        long start = Stopwatch.GetTimestamp();
        uint found;
        do
        {
            found = Levels() & _lines;
            if (found == wanted)
            {
                return "ok";
            }

            Thread.Sleep(50);
        }
        while (Stopwatch.GetElapsedTime(start) < _patience);
        return $"bad: lines {found:x8}, expected {wanted:x8}";
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

    private uint Levels()
    {
        if (_answers is null)
        {
            _monitor.Connect(new UnixDomainSocketEndPoint(Monitor));
            _answers = new StreamReader(new NetworkStream(_monitor));
            _answers.ReadLine();
            Ask("""{"execute":"qmp_capabilities"}""");
        }

        string answer = Ask("""{"execute":"human-monitor-command","arguments":{"command-line":"xp /1wx REGISTER"}}""".Replace("REGISTER", LevelRegister, StringComparison.Ordinal));
        return Convert.ToUInt32(answer.Split(':')[1].Trim(), 16);
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

    [GeneratedRegex(@"^@EXPECT (\d+|none)\b")]
    private static partial Regex Expectation();

    [GeneratedRegex(@"^@WIRE (\d+) (high|low)\b")]
    private static partial Regex Wiring();
}
