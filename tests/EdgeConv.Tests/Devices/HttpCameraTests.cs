using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Frames;
using StbImageWriteSharp;

namespace EdgeConv.Tests.Devices;

/// <summary>Motion JPEG over a real socket: in both ways of the standard, damaged, stalled, ended.</summary>
public sealed class HttpCameraTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n";

    [Theory]
    [InlineData(true, "frame")]
    [InlineData(false, "frame")]
    [InlineData(true, "--frame")]
    [InlineData(false, "\"frame\"")]
    public void Frames_come_whole_with_a_length_and_without(bool withLength, string boundary)
    {
        byte[][] jpegs = [Jpeg(1), Jpeg(2), Jpeg(3)];
        using Server server = new(stream =>
        {
            stream.Write(Encoding.ASCII.GetBytes(Ok.Replace("=frame", "=" + boundary, StringComparison.Ordinal)));
            foreach (byte[] jpeg in jpegs)
            {
                Part(stream, jpeg, withLength);
            }

            stream.Write("\r\n--frame\r\n"u8);
        });
        using ICamera camera = new HttpCamera(CameraUri.Parse(server.Address));
        FrameBuffer frame = new();
        for (int i = 0; i < jpegs.Length; i++)
        {
            Assert.True(camera.Read(frame));
            Assert.Equal(jpegs[i], frame.Bytes.ToArray());
            Assert.Equal((16, 8), (MotionJpeg.Decode(frame, "frame").Width, MotionJpeg.Decode(frame, "frame").Height));
        }

        Assert.Contains("the stream ends", Assert.Throws<FrameException>(() => camera.Read(frame)).Message);
    }

    [Fact]
    public void Broken_frames_are_left_out_and_the_camera_goes_on_when_the_server_is_back()
    {
        int connections = 0;
        using Server server = new(stream =>
        {
            connections++;
            stream.Write(Encoding.ASCII.GetBytes(Ok));
            Part(stream, [0xFF, 0xD8, 1, 2, 3], withLength: true);
            Part(stream, Jpeg(connections)[..100], withLength: true);
            Part(stream, Jpeg(connections), withLength: true);
        });
        ConcurrentQueue<string> said = []; // the camera goes on saying things while they are read
        using IFrameSource source = FrameSources.Open(CameraUri.Parse(server.Address), said.Enqueue, mustBeThere: true);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(FrameWait.Frame, source.Wait(TimeSpan.FromSeconds(60), out Frame frame));
            Assert.Equal((16, 8), (frame.Picture.Width, frame.Picture.Height));
        }

        Assert.True(connections >= 3);
        Assert.Contains(said, text => text.Contains("the stream ends", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_stalls_is_cut_off()
    {
        using Server server = new(stream =>
        {
            stream.Write(Encoding.ASCII.GetBytes(Ok));
            Part(stream, Jpeg(1), withLength: true);
            Thread.Sleep(60_000);
        });
        using ICamera camera = new HttpCamera(CameraUri.Parse(server.Address + "#timeout=2"));
        FrameBuffer frame = new();
        Assert.True(camera.Read(frame));
        Assert.EndsWith("stalls: no frame in 2 s.", Assert.Throws<FrameException>(() => camera.Read(frame)).Message);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers 404 Not Found")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", "sends text/html; expected motion JPEG")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n", "expected motion JPEG")]
    [InlineData("SSH-2.0-OpenSSH\r\n", "127.0.0.1")]
    [InlineData(Ok + "--frame\r\nContent-Length: -5\r\n\r\n", "expected 1 to")]
    [InlineData(Ok + "--frame\r\nContent-Length: 99999999999\r\n\r\n", "expected 1 to")]
    [InlineData(Ok + "--frame\r\nContent-Length: 50\r\n\r\nshort", "ends within a frame")]
    [InlineData(Ok + "garbage\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "no frame begins")]
    public void An_answer_that_is_no_stream_is_said(string answer, string message)
    {
        using Server server = new(stream => stream.Write(Encoding.ASCII.GetBytes(answer)));
        Assert.Contains(message, Assert.Throws<FrameException>(() =>
        {
            using ICamera camera = new HttpCamera(CameraUri.Parse(server.Address));
            camera.Read(new FrameBuffer());
        }).Message);
    }

    [Fact]
    public void The_password_is_sent_and_not_said()
    {
        string request = "";
        using Server server = new(
            stream => stream.Write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"u8), read => request = read);
        CameraUri uri = CameraUri.Parse(server.Address.Replace("http://", "http://me:se%20cret@", StringComparison.Ordinal));
        string message = Assert.Throws<FrameException>(() => new HttpCamera(uri)).Message;
        Assert.Contains("401", message);
        Assert.DoesNotContain("cret", message);
        Assert.Contains("Authorization: Basic " + Convert.ToBase64String("me:se cret"u8), request);
    }

    private static void Part(Stream stream, byte[] jpeg, bool withLength)
    {
        stream.Write(Encoding.ASCII.GetBytes($"\r\n--frame\r\nContent-Type: image/jpeg\r\n{(withLength ? $"Content-Length: {jpeg.Length}\r\n" : "")}\r\n"));
        stream.Write(jpeg);
    }

    private static byte[] Jpeg(int seed)
    {
        byte[] pixels = new byte[16 * 8 * 3];
        new Random(seed).NextBytes(pixels);
        using MemoryStream stream = new();
        new ImageWriter().WriteJpg(pixels, 16, 8, ColorComponents.RedGreenBlue, stream, 90);
        return stream.ToArray();
    }

    /// <summary>Answers each connection in the same way, then closes it.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Server(Action<NetworkStream> answer, Action<string>? see = null)
        {
            _listener.Start();
            Thread thread = new(() =>
            {
                try
                {
                    while (true)
                    {
                        using TcpClient client = _listener.AcceptTcpClient();
                        using NetworkStream stream = client.GetStream();
                        byte[] request = new byte[4096];
                        int read = stream.Read(request);
                        see?.Invoke(Encoding.ASCII.GetString(request, 0, read));
                        answer(stream);
                    }
                }
                catch (Exception error) when (error is SocketException or IOException or InvalidOperationException)
                {
                    // The test is over, or the camera has hung up.
                }
            })
            { IsBackground = true };
            thread.Start();
        }

        public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/stream";

        public void Dispose() => _listener.Dispose();
    }
}
