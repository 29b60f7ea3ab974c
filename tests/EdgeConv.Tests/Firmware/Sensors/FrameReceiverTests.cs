using EdgeConv.Nano;
using EdgeConv.Nano.Devices;

namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>Frames over a serial port: whole ones arrive, damaged ones do not, and the next one after damage does.</summary>
public sealed class FrameReceiverTests
{
    private readonly Random _random = new(3);
    private readonly SimulatedPort _port = new(4);

    [Fact]
    public void Frames_of_any_format_and_size_arrive_as_they_were_sent()
    {
        FrameReceiver receiver = new(_port, 2000);
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
        {
            (int width, int height) = (_random.Next(1, 22), _random.Next(1, 22));
            byte[] pixels = Pixels(Picture.ByteLength(format, width, height));
            _port.Send(SimulatedPort.Frame(format, width, height, pixels, YuvRule.Bt709));
            Assert.True(receiver.TryRead(), receiver.Problem);
            Assert.Equal((format, width, height, YuvRule.Bt709), (receiver.Picture.Format, receiver.Picture.Width, receiver.Picture.Height, receiver.Picture.Yuv));
            Assert.Equal(pixels, receiver.Picture.Pixels.Take(pixels.Length));
        }

        Assert.False(receiver.TryRead());
        Assert.Equal("no frame came in time", receiver.Problem);
    }

    [Fact]
    public void A_frame_may_come_in_two_halves_with_a_pause_between()
    {
        FrameReceiver receiver = new(_port, 100);
        byte[] frame = SimulatedPort.Frame(PixelFormat.Gray8, 10, 9, Pixels(90));
        foreach (int cut in new[] { 1, 5, 10, 11, 60, 103 })
        {
            _port.Send(frame[..cut]);
            Assert.False(receiver.TryRead());
            _port.Send(frame[cut..]);
            Assert.True(receiver.TryRead(), $"cut at {cut}: {receiver.Problem}");
        }
    }

    [Fact]
    public void Noise_between_frames_is_passed_over()
    {
        FrameReceiver receiver = new(_port, 100);
        for (int i = 0; i < 50; i++)
        {
            byte[] pixels = Pixels(64);
            _port.Send(Pixels(_random.Next(0, 30)));
            _port.Send([0xEC, 0x4E, 0, 0, 1, 0]);
            _port.Send(SimulatedPort.Frame(PixelFormat.Gray8, 8, 8, pixels));
            Assert.True(receiver.TryRead(), receiver.Problem);
            Assert.Equal(pixels, receiver.Picture.Pixels.Take(64));
        }
    }

    [Fact]
    public void Every_flipped_bit_loses_that_frame_and_no_other()
    {
        byte[] first = SimulatedPort.Frame(PixelFormat.Gray8, 6, 5, Pixels(30)), second = SimulatedPort.Frame(PixelFormat.Rgb24, 3, 3, Pixels(27));
        for (int bit = 0; bit < 8 * first.Length; bit++)
        {
            byte[] damaged = [.. first];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertOnlyTheSecondArrives(damaged, second, $"bit {bit}");
        }
    }

    [Fact]
    public void Every_lost_or_added_byte_loses_that_frame_and_no_other()
    {
        byte[] first = SimulatedPort.Frame(PixelFormat.Gray8, 6, 5, Pixels(30)), second = SimulatedPort.Frame(PixelFormat.Rgb24, 3, 3, Pixels(27));
        for (int at = 1; at < first.Length; at++)
        {
            AssertOnlyTheSecondArrives([.. first[..at], .. first[(at + 1)..]], second, $"byte {at} lost");
            AssertOnlyTheSecondArrives([.. first[..at], 0x00, .. first[at..]], second, $"a byte added at {at}");
            AssertOnlyTheSecondArrives(first[..at], second, $"cut at {at}");
        }
    }

    [Fact]
    public void A_frame_that_is_too_large_or_of_no_format_is_passed_over()
    {
        FrameReceiver receiver = new(_port, 64);
        byte[] good = SimulatedPort.Frame(PixelFormat.Gray8, 8, 8, Pixels(64));
        _port.Send(SimulatedPort.Frame(PixelFormat.Gray8, 9, 8, Pixels(72)));
        _port.Send(SimulatedPort.Frame(PixelFormat.Gray8, 65535, 65535, []));
        _port.Send(SimulatedPort.Frame((PixelFormat)10, 2, 2, Pixels(4)));
        _port.Send(SimulatedPort.Frame(PixelFormat.Gray8, 0, 8, []));
        _port.Send(good);
        Assert.True(receiver.TryRead(), receiver.Problem);
        Assert.Equal((8, 8), (receiver.Picture.Width, receiver.Picture.Height));
        Assert.Equal(good[10..74], receiver.Picture.Pixels.Take(64));
    }

    private void AssertOnlyTheSecondArrives(byte[] damaged, byte[] second, string what)
    {
        SimulatedPort port = new(5);
        FrameReceiver receiver = new(port, 64);
        port.Send(damaged);
        port.Send(second);
        int frames = 0;
        for (int tries = 0; tries < 4; tries++)
        {
            if (receiver.TryRead())
            {
                frames++;
                Assert.True(receiver.Picture.Format == PixelFormat.Rgb24 && receiver.Picture.Pixels.Take(27).SequenceEqual(second[10..37]), what);
            }
        }

        Assert.True(frames == 1, $"{what}: {frames} frames, {receiver.Problem}");
    }

    private byte[] Pixels(int count)
    {
        byte[] pixels = new byte[count];
        _random.NextBytes(pixels);
        return pixels;
    }
}
