using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Devices;

/// <summary>rpicam: with a program in its place that takes its arguments and writes frames of the same form.</summary>
public sealed class ProcessCameraTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Frames_of_the_program_come_as_they_are_and_its_arguments_are_what_was_asked_for()
    {
        byte[] frames = new byte[3 * 64 * 4 * 3 / 2];
        new Random(1).NextBytes(frames);
        _folder.Write("frames", frames);
        string program = Program($"echo \"$@\" > {_folder.Path("arguments")}; cat {_folder.Path("frames")}; sleep 60");
        using ICamera camera = new ProcessCamera(CameraUri.Parse($"rpicam:?size=64x4&fps=12.5&camera=1&program={program}"));
        FrameBuffer frame = new();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(camera.Read(frame));
            Assert.Equal((i, 64, 4, PixelFormat.I420), (frame.Number, frame.Picture.Width, frame.Picture.Height, frame.Picture.Format));
            Assert.Equal(frames[(i * 384)..((i + 1) * 384)], frame.Picture.Pixels.ToArray());
        }

        Assert.Equal("--nopreview --timeout 0 --codec yuv420 --width 64 --height 4 --framerate 12.5 --camera 1 --output -",
            File.ReadAllText(_folder.Path("arguments")).Trim());
    }

    [Fact]
    public void A_program_that_ends_is_said_with_its_last_words()
    {
        string program = Program("echo 'ERROR: *** no cameras available ***' >&2; exit 255");
        using ICamera camera = new ProcessCamera(CameraUri.Parse($"rpicam:?program={program}"));
        string message = Assert.Throws<FrameException>(() => camera.Read(new FrameBuffer())).Message;
        Assert.EndsWith("ended with code 255: ERROR: *** no cameras available ***", message);
    }

    [Fact]
    public void A_program_that_stalls_is_said_and_ended()
    {
        string program = Program($"echo $$ > {_folder.Path("pid")}; head -c 100 /dev/zero; exec sleep 600");
        using (ICamera camera = new ProcessCamera(CameraUri.Parse($"rpicam:?timeout=1&program={program}")))
        {
            Assert.EndsWith("stalls: no frame in 1 s.", Assert.Throws<FrameException>(() => camera.Read(new FrameBuffer())).Message);
        }

        // On a machine where a second passed before its first line it is ended there, and has no number written down.
        string pid = File.Exists(_folder.Path("pid")) ? File.ReadAllText(_folder.Path("pid")).Trim() : "";
        Assert.False(pid.Length > 0 && Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public void A_live_camera_starts_it_again_and_leaves_none_behind()
    {
        string program = Program($"echo $$ >> {_folder.Path("pids")}; head -c 460800 /dev/zero");
        List<string> said = [];
        using (IFrameSource source = FrameSources.Open(CameraUri.Parse($"rpicam:?program={program}"), said.Add, mustBeThere: false))
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(FrameWait.Frame, source.Wait(TimeSpan.FromSeconds(60), out _));
            }
        }

        Assert.Contains(said, text => text.Contains("ended with code 0", StringComparison.Ordinal));
        Assert.All(File.ReadAllLines(_folder.Path("pids")), pid => Assert.False(Directory.Exists($"/proc/{pid}")));
    }

    [Theory]
    [InlineData("size=650x480&program=/bin/true", "multiple of 64")]
    [InlineData("size=640x479&program=/bin/true", "even height")]
    [InlineData("size=650x480&stride=640&program=/bin/true", "an even number from 650")]
    [InlineData("camera=front&program=/bin/true", "a number from 0")]
    [InlineData("program=/no/such/program", "does not start")]
    public void What_cannot_be_is_said(string options, string message) =>
        Assert.Contains(message, Assert.Throws<FrameException>(() => new ProcessCamera(CameraUri.Parse("rpicam:?" + options))).Message);

    private string Program(string script) => _folder.Script("rpicam-vid", $"#!/bin/sh\n{script}\n");
}
