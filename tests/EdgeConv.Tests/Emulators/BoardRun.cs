using System.Diagnostics;
using System.Globalization;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.Cli;
using EdgeConv.Tests.Samples;

namespace EdgeConv.Tests.Emulators;

/// <summary>One boot of the emulated board, in which the agent and then the samples are tried; booting is what takes the time.</summary>
public sealed class BoardRun : IDisposable
{
    private const int Button = 21;

    /// <summary>What both need. A line is one of the expected level when the register outside of the board says so.</summary>
    private const string Tools = """
        lines="LINES"
        wire() { echo "@WIRE $1 $2"; read answer; }
        line() { shift $1; shift; echo $1; }
        camera() { echo "v4l2:/dev/video2?size=320x240&format=$1"; }
        play() { format=$1; shift; /player /dev/video11 /dev/video2 $format 320 240 $(for name; do echo /frames/$name.$format; done) & player=$!; }
        silence() { kill $player; wait $player; }
        leave() { kill -TERM $sample; wait $sample; echo "@EXIT $?"; }
        # The kernel may have left something on the line.
        echo

        """;

    private const string AgentsPart = """
        echo "@PART agent"
        watch() {
          case $1 in
            RGB3) exec /edgeconv-agent run --config /agent.toml --camera "$(camera $1)" ;;
            *) exec /edgeconv-agent run /model.ecm --camera "$(camera $1)" --votes 3 --pins $(echo $lines | tr ' ' ',') ;;
          esac & echo $! > /tmp/agent; wait $!
        }
        supervise() { until watch $1; do echo "@RESTART $?"; done; }
        /edgeconv-agent cameras
        echo "@FIRST $( { time /edgeconv-agent run /model.ecm /seven.pgm; } 2>&1 | tr '\n' ' ')"
        for format in GREY YUYV RGB3; do
          wire BUTTON high
          supervise $format & supervisor=$!
          for digit in 0 1 2 3 4 5 6 7 8 9; do
            play $format $digit
            expect $(line $digit $lines)
            silence
            case $format$digit in
              GREY5)
                echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind
                expect none
                echo vivid.0 > /sys/bus/platform/drivers/vivid/bind
                ;;
              GREY7)
                # Another signal at its input, and the old one again.
                /player /dev/video2 "DV Timings Signal Mode" 1
                /player /dev/video2 "DV Timings Signal Mode" 0
                ;;
              YUYV5)
                kill -9 $(cat /tmp/agent)
                ;;
            esac
          done
          echo "@PEAK $format $(grep VmHWM /proc/$(cat /tmp/agent)/status)"
          case $format in
            RGB3) wire BUTTON low ;;
            *) kill -TERM $(cat /tmp/agent) ;;
          esac
          wait $supervisor
          echo "@EXIT $?"
          expect none
          play $format 3
          /edgeconv-agent run /model.ecm --camera "$(camera $format)" --frames 4 --save-as three --to /tmp/$format
          silence
          echo "@FILE $format"
          cat /tmp/$format/three/* > /dev/null && base64 $(ls /tmp/$format/three/*.png | tail -n 1)
          echo "@ENDFILE"
        done

        """;

    // The digits that its README shows first; then the others, so that every line is seen once.
    private const string SamplesPart = """
        echo "@PART camera-to-led"
        play YUYV 7 doubtful 3 0 1 2 4 5 6 8 9
        /samples camera-to-led /model.ecm "$(camera YUYV)" & sample=$!
        for digit in 7 doubtful 3 0 1 2 4 5 6 8 9; do
          case $digit in
            doubtful) expect none ;;
            *) expect $(line $digit $lines) ;;
          esac
          kill -USR1 $player
        done
        leave
        expect none
        silence

        echo "@PART class-on-display"
        /i2c /tmp/glass & bus=$!
        until mv /dev/i2c-0 /dev/i2c-1 2> /dev/null; do sleep 0.1; done
        /samples class-on-display /model.ecm folder:/frames
        echo "@WITHOUT $?"
        touch /tmp/glass
        /samples class-on-display /three.ecm folder:/frames
        echo "@OTHER $?"
        shows() {
          for i in $(seq 900); do cmp -s /tmp/glass /glass/$1 && { echo "@SHOWS $1"; return; }; sleep 0.1; done
          echo "BOARD the display does not show $1"
        }
        play YUYV 7 doubtful 3
        /samples class-on-display /model.ecm "$(camera YUYV)" & sample=$!
        for digit in 7 doubtful 3; do
          shows $digit
          kill -USR1 $player
        done
        leave
        shows doubtful
        silence
        kill $bus

        echo "@PART camera-to-servo"
        pulse() { echo "@PULSE $1"; read answer; [ "$answer" = ok ] || echo "BOARD the servo's pulse is not $1"; }
        play YUYV 7 3
        /samples camera-to-servo /model.ecm "$(camera YUYV)" & sample=$!
        pulse 1925
        kill -USR1 $player
        pulse 1165
        leave
        pulse none
        silence

        """;

    private readonly TemporaryFolder _folder = new();

    public BoardRun()
    {
        (int missing, _, string why) = Run(RepositoryFolder.Path("tests", "board", "install.sh"), "--check");
        if (missing != 0)
        {
            WhyNot = why;
            return;
        }

        (_, string board, _) = Run(RepositoryFolder.Path("tests", "board", "install.sh"));
        string files = Directory.CreateDirectory(_folder.Path("files")).FullName;
        string model = Path.Combine(files, "model.ecm");
        CliRun convert = CliRun.Of("convert", RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", "lenet.onnx"), "-o", model, "--calibrate", "mnist");
        Assert.True(convert.Code == 0, convert.Errors);
        Digits = new PlayedDigits(model);
        foreach (string format in PlayedDigits.Formats)
        {
            for (int digit = 0; digit < 10; digit++)
            {
                _folder.Write($"files/frames/{digit}.{format}", PlayedDigits.Frame(Digits[digit], format).Pixels.ToArray());
            }

            _folder.Write($"files/frames/doubtful.{format}", PlayedDigits.Frame(Digits.Doubtful, format).Pixels.ToArray());
        }

        _folder.Write("files/three.ecm", BrightestPixelModel.Write());
        _folder.Write("files/seven.pgm", [.. "P5 320 240 255\n"u8, .. Digits[7]]);
        File.Copy(Native("edge-runtime/EdgeConv.Agent"), Path.Combine(files, "edgeconv-agent"));
        File.Copy(Native("tests/board/samples", RepositoryFolder.Path("hw-samples")), Path.Combine(files, "samples"));
        foreach ((string name, int digit) in ((string, int)[])[("7", 7), ("doubtful", -1), ("3", 3)])
        {
            _folder.Write($"files/glass/{name}", DisplayPicture.Bitmap(digit));
        }

        File.Copy(Path.Combine(board, "player"), Path.Combine(files, "player"));
        File.Copy(Path.Combine(board, "i2c"), Path.Combine(files, "i2c"));
        File.WriteAllText(Path.Combine(files, "script"), (Tools + AgentsPart + SamplesPart)
            .Replace("LINES", string.Join(' ', Lines), StringComparison.Ordinal).Replace("BUTTON", $"{Button}", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(files, "agent.toml"), Configuration(model));
        using EmulatedBoard machine = EmulatedBoard.Boot(board, _folder.Root, files, Lines);
        Said = machine.Run(TimeSpan.FromMinutes(10));
    }

    /// <summary>The GPIO line of each digit.</summary>
    internal static IReadOnlyList<int> Lines { get; } = [17, 27, 22, 5, 6, 13, 19, 26, 16, 20];

    /// <summary>Why there was none; null where there was one.</summary>
    internal string? WhyNot { get; }

    /// <summary>What was played.</summary>
    internal PlayedDigits Digits { get; } = null!;

    /// <summary>All that the board said, and the answers that it was given.</summary>
    internal IReadOnlyList<string> Said { get; } = [];

    /// <summary>What it said in a part of the script, from its name to the next one's.</summary>
    internal IReadOnlyList<string> Part(string name) =>
        [.. Said.SkipWhile(line => line != $"@PART {name}").Skip(1).TakeWhile(line => !line.StartsWith("@PART ", StringComparison.Ordinal))];

    public void Dispose() => _folder.Dispose();

    /// <summary>A rule a digit, and the button.</summary>
    private static string Configuration(string modelPath)
    {
        using Model model = Model.Open(modelPath);
        using FrameClassifier classifier = new(model, KernelPath.Default);
        IEnumerable<string> rules = Lines.Select((line, digit) => string.Create(
            CultureInfo.InvariantCulture, $"[[rule]]\nwhen = \"{classifier.Label(digit)}\"\nset = {line}\nappend = \"/tmp/seen.jsonl\"\n"));
        return $"model = \"/model.ecm\"\n[decide]\nvotes = 3\n[gpio]\nstop-button = {Button}\n{string.Concat(rules)}";
    }

    private static string Native(params string[] folders)
    {
        (int failed, string program, string log) = Run([RepositoryFolder.Path("tests", "emulators", "native.sh"), "arm64", .. folders]);
        Assert.True(failed == 0, log);
        return program;
    }

    private static (int Code, string Output, string Error) Run(params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.TrimEnd(), error.Result.TrimEnd());
    }
}
