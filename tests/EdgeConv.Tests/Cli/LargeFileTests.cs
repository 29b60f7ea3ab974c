using System.Diagnostics;
using EdgeConv.Converters;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Runtime;
using EdgeConv.Tests.Converters;

namespace EdgeConv.Tests.Cli;

/// <summary>Networks whose files are hundreds of megabytes, converted in a process of their own: memory, progress, and what a kill leaves.</summary>
public sealed class LargeFileTests : IDisposable
{
    private const int Width = 1024;   // a file of 111 MB
    private readonly TemporaryFolder _folder = new();

    public LargeFileTests()
    {
        LargeNetworks.VggHead(_folder.Path("large.onnx"), Width);
        for (int i = 0; i < 8; i++)
        {
            byte[] pixels = [.. "P5\n8 8\n255\n"u8, .. Enumerable.Range(0, 64).Select(p => (byte)(p * i * 5))];
            _folder.Write($"pictures/a/{i}.pgm", pixels);
        }

        Directory.CreateDirectory(_folder.Path("out"));
    }

    private string Output => _folder.Path("out", "large.ecm");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Converting_takes_less_memory_than_six_times_the_file(bool areWeightsBesideIt)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak is read from /proc.");
        string network = _folder.Path("large.onnx");
        long file = new FileInfo(network).Length;
        if (areWeightsBesideIt)
        {
            ExternalForm.WriteTogether(ModelProto.Parser.ParseFrom(File.ReadAllBytes(network)), network);
        }

        using Process child = Convert();
        long peak = 0;
        while (!child.WaitForExit(20))
        {
            child.Refresh();
            try
            {
                peak = Math.Max(peak, child.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                // It ended between the two lines.
            }
        }

        Assert.Equal(0, child.ExitCode);
        long limit = (6 * file) + (150L << 20);
        Assert.True(peak <= limit, $"the peak was {peak >> 20} MB for a file of {file >> 20} MB");
        using Model model = Model.Open(Output);
        Assert.Equal(7, model.Operators.Count);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1500)]
    [InlineData(3000)]
    public void A_conversion_that_is_killed_leaves_no_model(int milliseconds)
    {
        using Process child = Convert();
        bool isDone = child.WaitForExit(milliseconds);
        if (!isDone)
        {
            child.Kill();
            child.WaitForExit();
        }

        Assert.True(isDone == File.Exists(Output) || !File.Exists(Output) || IsWhole(), "there is half a model");
    }

    [Fact]
    public void A_conversion_that_is_interrupted_leaves_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The signal is sent by kill.");
        int milliseconds = 1500;
        while (!IsInterruptedAfter(milliseconds))
        {
            // It was done before the signal reached it: a fast machine is asked earlier.
            Assert.True(IsWhole());
            Directory.Delete(_folder.Path("out"), recursive: true);
            Directory.CreateDirectory(_folder.Path("out"));
            milliseconds /= 2;
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path("out")));
    }

    [Fact]
    public void What_a_killed_process_left_half_written_goes_with_the_next_write()
    {
        string left = _folder.Write("out/.large.ecm.0123.tmp", [1]);
        string held = _folder.Write("out/.large.ecm.4567.tmp", [1]);
        using (new FileStream(held, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            AtomicFile.Write(Output, new byte[] { 2 });
            Assert.False(File.Exists(left));
            Assert.True(File.Exists(held), "another process is writing that one");
        }
    }

    private bool IsInterruptedAfter(int milliseconds)
    {
        using Process child = Convert();
        if (!child.WaitForExit(milliseconds))
        {
            using Process kill = Process.Start("kill", ["-INT", $"{child.Id}"]);
            kill.WaitForExit();
            child.WaitForExit();
        }

        Assert.True(child.ExitCode is 0 or 130, $"exit code {child.ExitCode}");
        return child.ExitCode == 130;
    }

    private bool IsWhole()
    {
        using Model model = Model.Open(Output);
        return model.Operators.Count > 0;
    }

    private Process Convert() => Process.Start(new ProcessStartInfo("dotnet")
    {
        ArgumentList =
        {
            Path.Combine(AppContext.BaseDirectory, "edgeconv.dll"), "convert", _folder.Path("large.onnx"), "-o", Output,
            "--calibrate", _folder.Path("pictures"), "--no-test",
        },
        RedirectStandardOutput = true,
        RedirectStandardInput = true,
    })!;
}
