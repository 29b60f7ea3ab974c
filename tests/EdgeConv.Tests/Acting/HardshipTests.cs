using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeConv.Agent;
using EdgeConv.Tests.Agent;
using StbImageWriteSharp;

namespace EdgeConv.Tests.Acting;

/// <summary>Everything breaks at once, and the agent goes on classifying.</summary>
public sealed class HardshipTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public HardshipTests() => _folder.Write("brightest.ecm", BrightestPixelModel.Write());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Damaged_frames_a_dead_webhook_a_missing_broker_and_a_program_that_hangs_stop_nothing()
    {
        using TcpListener camera = new(IPAddress.Loopback, 0), webhook = new(IPAddress.Loopback, 0);
        camera.Start();
        webhook.Start();
        new Thread(() => Stream(camera)) { IsBackground = true }.Start();
        string file = _folder.Path("agent.toml");
        File.WriteAllText(file, $$"""
            model = "brightest.ecm"
            camera = "http://127.0.0.1:{{Port(camera)}}/stream"
            decide.votes = 1
            mqtt.broker = "127.0.0.1:1"
            [[rule]]
            when = "any"
            again-every = "10 ms"
            post = "http://127.0.0.1:{{Port(webhook)}}/"
            publish = "seen"
            run = ["sleep", "1000"]
            append = "/proc/nowhere/seen.jsonl"
            save = { folder = "photos", most-a-minute = 3, megabytes-free = 0 }
            """);
        SharedLog output = new() { NewLine = "\n" }, error = new();
        long start = Stopwatch.GetTimestamp();
        int code = AgentProgram.Run(["run", "--config", file, "--frames", "200"], output, error);
        Assert.Equal((0, ""), (code, error.ToString()));
        double minutes = Stopwatch.GetElapsedTime(start).TotalMinutes;
        Assert.InRange(minutes, 0, 2);
        string said = output.ToString();
        Assert.True(said.Split('\n').Count(line => line.EndsWith("left  0.566", StringComparison.Ordinal) || line.Contains("  left  ", StringComparison.Ordinal)) >= 5, said);
        Assert.Contains("of its frames so far; it goes on with the next one.", said);
        Assert.Contains("rule 1, append: ", said);
        Assert.Contains("mqtt 127.0.0.1:1: Connection refused", said);
        Assert.InRange(Directory.GetFiles(_folder.Path("photos"), "*.png", SearchOption.AllDirectories).Length, 3, 3 * (1 + (int)minutes));
    }

    [Theory]
    [InlineData("set = 17")]
    [InlineData("pulse = { line = 17, ms = 10 }")]
    public void Where_there_is_no_gpio_that_is_said(string action)
    {
        Assert.SkipWhen(Directory.EnumerateFileSystemEntries("/dev", "gpiochip*").Any(), "this machine has GPIO lines; the test is for one without");
        _folder.Write("frames/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        string file = _folder.Path("agent.toml");
        File.WriteAllText(file, $"model = \"brightest.ecm\"\ncamera = \"folder:{_folder.Path("frames")}\"\n[[rule]]\nwhen = \"any\"\n{action}\n");
        StringWriter output = new(), error = new();
        Assert.Equal(1, AgentProgram.Run(["run", "--config", file], output, error));
        Assert.Contains("no GPIO chip of a Raspberry Pi's header here; there is none that can be opened", error.ToString());
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Two classes in turns, with frames between them that are cut, or none at all.</summary>
    private static void Stream(TcpListener listener)
    {
        byte[][] jpegs = [Jpeg(0), Jpeg(1)];
        while (true)
        {
            try
            {
                using TcpClient client = listener.AcceptTcpClient();
                using NetworkStream stream = client.GetStream();
                _ = stream.Read(new byte[4096]);
                stream.Write("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"u8);
                for (int i = 0; i < 300; i++)
                {
                    byte[] jpeg = jpegs[i / 20 % 2];
                    Part(stream, (i % 5) switch { 1 => jpeg[..(jpeg.Length / 3)], 3 => [0xFF, 0xD8, 1, 2, 3], _ => jpeg });
                    Thread.Sleep(5);
                }
            }
            catch (Exception error) when (error is IOException)
            {
                // The agent has hung up.
            }
            catch (Exception error) when (error is SocketException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private static void Part(Stream stream, byte[] jpeg)
    {
        stream.Write(Encoding.ASCII.GetBytes($"\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {jpeg.Length}\r\n\r\n"));
        stream.Write(jpeg);
    }

    private static byte[] Jpeg(int pixel)
    {
        byte[] pixels = new byte[32 * 32 * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / 3 % 32, y = i / 3 / 32;
            pixels[i] = (byte)(y < 16 && x / 16 == pixel ? 250 : 0);
        }

        using MemoryStream stream = new();
        new ImageWriter().WriteJpg(pixels, 32, 32, ColorComponents.RedGreenBlue, stream, 95);
        return stream.ToArray();
    }
}
