using System.Diagnostics;
using System.Globalization;
using EdgeConv.Converters.Data;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Emulators;

/// <summary>
/// MNIST digits played into the virtual camera of a real kernel, through V4L2 into the agent, out of the GPIO lines of the emulated chip: ten
/// digits in three formats, with the camera taken away, the agent killed and started again, a button that stops it, and frames saved.
/// </summary>
public sealed class BoardTests : IDisposable
{
    private const int Width = 320;
    private const int Height = 240;
    private const int Button = 21;
    private static readonly int[] _lines = [17, 27, 22, 5, 6, 13, 19, 26, 16, 20];
    private static readonly string[] _formats = ["GREY", "YUYV", "RGB3"];

    private const string Script = """
        lines="LINES"
        wire() { echo "@WIRE $1 $2"; read answer; }
        line() { shift $1; shift; echo $1; }
        camera() { echo "v4l2:/dev/video2?size=320x240&format=$1"; }
        watch() {
          case $1 in
            RGB3) exec /edgeconv-agent run --config /agent.toml --camera "$(camera $1)" ;;
            *) exec /edgeconv-agent run /model.ecm --camera "$(camera $1)" --votes 3 --pins $(echo $lines | tr ' ' ',') ;;
          esac & echo $! > /tmp/agent; wait $!
        }
        supervise() { until watch $1; do echo "@RESTART $?"; done; }
        play() { /player /dev/video11 /dev/video2 $1 320 240 /frames/$2.$1 & player=$!; }
        silence() { kill $player; wait $player; }
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

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ten_digits_in_three_formats_raise_their_lines_and_the_saved_frames_are_the_played_ones()
    {
        (int missing, _, string why) = Run(RepositoryFolder.Path("tests", "board", "install.sh"), "--check");
        Assert.SkipWhen(missing != 0, why);
        (_, string board, _) = Run(RepositoryFolder.Path("tests", "board", "install.sh"));
        (int failed, string agent, string log) = Run(RepositoryFolder.Path("tests", "emulators", "agent.sh"), "arm64");
        Assert.True(failed == 0, log);

        string files = Directory.CreateDirectory(_folder.Path("files")).FullName;
        byte[][] digits = Digits(Path.Combine(files, "model.ecm"));
        for (int digit = 0; digit < 10; digit++)
        {
            foreach (string format in _formats)
            {
                _folder.Write($"files/frames/{digit}.{format}", Frame(digits[digit], format).Pixels.ToArray());
            }
        }

        _folder.Write("files/seven.pgm", [.. "P5 320 240 255\n"u8, .. digits[7]]);
        File.Copy(agent, Path.Combine(files, "edgeconv-agent"));
        File.Copy(Path.Combine(board, "player"), Path.Combine(files, "player"));
        File.WriteAllText(Path.Combine(files, "script"), Script
            .Replace("LINES", string.Join(' ', _lines), StringComparison.Ordinal).Replace("BUTTON", $"{Button}", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(files, "agent.toml"), Configuration(Path.Combine(files, "model.ecm")));
        using EmulatedBoard machine = EmulatedBoard.Boot(board, _folder.Root, files, _lines);
        IReadOnlyList<string> said = machine.Run(TimeSpan.FromMinutes(9));

        Assert.DoesNotContain(said, line => line.StartsWith("BOARD ", StringComparison.Ordinal) || line.StartsWith("HOST bad", StringComparison.Ordinal));
        Assert.Equal(30 + 3 + 1, said.Count(line => line == "HOST ok"));
        Assert.Equal(3, said.Count(line => line == "@EXIT 0"));
        Assert.Equal(["@RESTART 137"], said.Where(line => line.StartsWith("@RESTART", StringComparison.Ordinal)));
        Assert.Equal(4, said.Count(line => line == "HOST wired"));
        Assert.Contains(said, line => line.Contains("It was unplugged", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("v4l2:/dev/video2  vivid", StringComparison.Ordinal));
        Assert.Contains(said, line => line.StartsWith("@FIRST", StringComparison.Ordinal) && line.Contains("real", StringComparison.Ordinal));
        int[] kilobytes = [.. said.Where(line => line.StartsWith("@PEAK", StringComparison.Ordinal)).Select(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture))];
        Assert.Equal(3, kilobytes.Length);
        Assert.All(kilobytes, peak => Assert.InRange(peak, 1, 40 * 1024));
        foreach (string format in _formats)
        {
            Picture saved = PictureFile.Decode(SavedFile(said, format), format);
            Picture played = Frame(digits[3], format);
            byte[] expected = new byte[saved.Pixels.Length];
            new PictureColors().Convert(played, expected);
            Assert.Equal((Width, Height, PictureColors.FileFormat(played.Format)), (saved.Width, saved.Height, saved.Format));
            Assert.Equal(expected, saved.Pixels.ToArray());
        }
    }

    /// <summary>A rule a digit, and the button.</summary>
    private static string Configuration(string modelPath)
    {
        using Model model = Model.Open(modelPath);
        using FrameClassifier classifier = new(model, KernelPath.Default);
        IEnumerable<string> rules = _lines.Select((line, digit) => $"[[rule]]\nwhen = \"{classifier.Label(digit)}\"\nset = {line}\nappend = \"/tmp/seen.jsonl\"\n");
        return $"model = \"/model.ecm\"\n[decide]\nvotes = 3\n[gpio]\nstop-button = {Button}\n{string.Concat(rules)}";
    }

    /// <summary>A digit of each class, as large as a frame, that the model is sure of here.</summary>
    private static byte[][] Digits(string modelPath)
    {
        CliRun convert = CliRun.Of("convert", RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", "lenet.onnx"), "-o", modelPath, "--calibrate", "mnist");
        Assert.True(convert.Code == 0, convert.Errors);
        using Model model = Model.Open(modelPath);
        using FrameClassifier classifier = new(model, KernelPath.Default);
        IDataSet data = DataSets.Open("mnist", Split.Test);
        byte[][] digits = new byte[10][];
        for (int i = 0; digits.Any(digit => digit is null); i++)
        {
            byte[] frame = Enlarge(data.Load(i).Pixels.Span);
            bool isSure = _formats.All(format => classifier.Run(Frame(frame, format)) == data.Label(i) && classifier.Confidences[data.Label(i)] > 0.9f);
            if (isSure)
            {
                digits[data.Label(i)] ??= frame;
            }
        }

        return digits;
    }

    private static byte[] Enlarge(ReadOnlySpan<byte> digit)
    {
        byte[] frame = new byte[Width * Height];
        for (int i = 0; i < frame.Length; i++)
        {
            frame[i] = digit[i / Width * 28 / Height * 28 + i % Width * 28 / Width];
        }

        return frame;
    }

    /// <summary>What a camera of that format would send of a grey picture.</summary>
    private static Picture Frame(byte[] gray, string format) => format switch
    {
        "GREY" => new Picture(gray, Width, Height, PixelFormat.Gray8),
        "RGB3" => new Picture((byte[])[.. gray.SelectMany(value => (byte[])[value, value, value])], Width, Height, PixelFormat.Rgb24),
        _ => new Picture((byte[])[.. gray.SelectMany(value => (byte[])[(byte)(16 + value * 219 / 255), 128])], Width, Height, PixelFormat.Yuyv),
    };

    private static byte[] SavedFile(IReadOnlyList<string> said, string format)
    {
        IEnumerable<string> lines = said.SkipWhile(line => line != $"@FILE {format}").Skip(1).TakeWhile(line => line != "@ENDFILE");
        return Convert.FromBase64String(string.Concat(lines));
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
