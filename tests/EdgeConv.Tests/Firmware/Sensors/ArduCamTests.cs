using EdgeConv.Nano;
using EdgeConv.Nano.Devices;

namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>The SPI camera's class against a shield and a sensor made of registers.</summary>
public sealed class ArduCamTests
{
    private readonly SimulatedArduCam _shield = new();
    private readonly SimulatedOv2640 _sensor = new();

    [Theory]
    [InlineData(Ov2640Format.Rgb565, 96, 96, 0x08, 0x80 | 2 << 3 | 3)]
    [InlineData(Ov2640Format.Yuyv, 160, 120, 0x00, 0x80 | 2 << 3 | 2)]
    [InlineData(Ov2640Format.Jpeg, 320, 240, 0x10, 0x80 | 1 << 3 | 1)]
    [InlineData(Ov2640Format.Jpeg, 800, 600, 0x10, 0x80)]
    public void The_sensor_is_set_to_the_size_and_the_format(Ov2640Format format, int width, int height, int mode, int halvings)
    {
        _ = new ArduCam(_shield, _sensor, format, width, height, 100);
        Assert.Equal(0x40, _sensor.Sensor(0x12));
        Assert.Equal((mode, halvings), (_sensor.Processor(0xDA), _sensor.Processor(0x50)));
        Assert.Equal((width / 4, height / 4), (_sensor.Processor(0x5A), _sensor.Processor(0x5B)));
        Assert.Equal((100, 75, 200, 150), (_sensor.Processor(0xC0), _sensor.Processor(0xC1), _sensor.Processor(0x51), _sensor.Processor(0x52)));
        Assert.Equal((0, 0), (_sensor.Processor(0xE0), _sensor.Processor(0x05)));
    }

    [Theory]
    [InlineData(Ov2640Format.Rgb565, PixelFormat.Rgb565BigEndian)]
    [InlineData(Ov2640Format.Yuyv, PixelFormat.Yuyv)]
    public void Raw_frames_are_read_in_short_bursts_one_after_another(Ov2640Format format, PixelFormat expected)
    {
        ArduCam camera = new(_shield, _sensor, format, 32, 24, 100);
        Random random = new(1);
        for (int i = 0; i < 3; i++)
        {
            byte[] frame = new byte[32 * 24 * 2 + 8];
            random.NextBytes(frame);
            _shield.Add(frame);
            Assert.True(camera.TryRead(), camera.Problem);
            Assert.Equal(frame[..^8], camera.Picture.Pixels);
        }

        Assert.Equal((32, 24, expected), (camera.Picture.Width, camera.Picture.Height, camera.Picture.Format));
        Assert.Equal(257, _shield.LongestTransfer);
    }

    [Fact]
    public void A_JPEG_frame_becomes_a_thumbnail()
    {
        byte[] file = new JpegWriter(new Random(2)).Write(320, 240, 3, 2, 1, 0);
        _shield.Add([.. file, 0, 0, 0, 0]);
        ArduCam camera = new(_shield, _sensor, Ov2640Format.Jpeg, 320, 240, 100);
        Assert.True(camera.TryRead(), camera.Problem);
        SimulatedPort port = new(1);
        port.Send(file);
        Picture expected = new();
        Assert.True(new JpegThumbnail(40, 30).TryRead(port, expected));
        Assert.Equal((40, 30, PixelFormat.Gray8), (camera.Picture.Width, camera.Picture.Height, camera.Picture.Format));
        Assert.Equal(expected.Pixels, camera.Picture.Pixels);
    }

    [Theory]
    [InlineData(32 * 24 * 2 - 1)]
    [InlineData(32 * 24 * 2 + 65)]
    [InlineData(0)]
    public void A_torn_frame_is_refused_and_the_next_one_is_read(int length)
    {
        ArduCam camera = new(_shield, _sensor, Ov2640Format.Rgb565, 32, 24, 100);
        _shield.Add(new byte[length]);
        _shield.Add(new byte[32 * 24 * 2]);
        Assert.False(camera.TryRead());
        Assert.Equal($"found a frame of {length} bytes, expected 1536", camera.Problem);
        Assert.True(camera.TryRead(), camera.Problem);
    }

    [Fact]
    public void A_torn_JPEG_frame_is_refused_and_the_next_one_is_read()
    {
        byte[] file = new JpegWriter(new Random(2)).Write(64, 48, 3, 2, 1, 0);
        ArduCam camera = new(_shield, _sensor, Ov2640Format.Jpeg, 64, 48, 100);
        _shield.Add(file[..(file.Length / 2)]);
        _shield.Add([]);
        _shield.Add(file);
        Assert.False(camera.TryRead());
        Assert.Contains("breaks off", camera.Problem);
        Assert.False(camera.TryRead());
        Assert.Contains("empty frame", camera.Problem);
        Assert.True(camera.TryRead(), camera.Problem);
    }

    [Fact]
    public void A_frame_that_does_not_come_is_waited_for_no_longer_than_was_said()
    {
        _shield.PollsAFrame = int.MaxValue;
        ArduCam camera = new(_shield, _sensor, Ov2640Format.Rgb565, 32, 24, 20);
        _shield.Add(new byte[1536]);
        Assert.False(camera.TryRead());
        Assert.Equal("no frame within 20 ms", camera.Problem);
    }

    [Theory]
    [InlineData(0xFF, "found 255 and 255")]
    [InlineData(0x00, "found 0 and 0")]
    [InlineData(0x55, "found 85 and 85")]
    public void Another_chip_on_the_SPI_bus_is_refused(int test, string expected)
    {
        _shield.TestRegister = test;
        Assert.Contains(expected, Assert.Throws<DeviceException>(Open).Message);
    }

    [Fact]
    public void Another_sensor_is_refused()
    {
        string message = Assert.Throws<DeviceException>(() => new ArduCam(_shield, new SimulatedOv2640(0x56), Ov2640Format.Rgb565, 32, 24, 100)).Message;
        Assert.Equal("found a camera with product number 86.66, expected 38 of an OV2640", message);
    }

    [Fact]
    public void A_dead_bus_is_said_by_the_constructor()
    {
        Open();
        int all = int.MaxValue - _sensor.TransfersLeft;
        Assert.InRange(all, 20, 30);
        for (int transfers = 0; transfers < all; transfers++)
        {
            SimulatedOv2640 sensor = new() { TransfersLeft = transfers };
            Assert.Contains("look at SDA, SCL", Assert.Throws<DeviceException>(() => new ArduCam(_shield, sensor, Ov2640Format.Rgb565, 32, 24, 100)).Message);
        }

        _shield.TransfersLeft = 3;
        Assert.Contains("look at CS, MOSI", Assert.Throws<DeviceException>(Open).Message);
    }

    [Fact]
    public void A_bus_that_fails_at_any_transfer_costs_that_frame_only()
    {
        ArduCam raw = new(_shield, _sensor, Ov2640Format.Rgb565, 32, 24, 100);
        for (int transfers = 0; transfers < 15; transfers++)
        {
            _shield.Add(new byte[1536]);
            _shield.TransfersLeft = transfers;
            Assert.False(raw.TryRead(), $"{transfers}");
            Assert.Matches("SPI bus|found a frame of -1 bytes", raw.Problem);
            _shield.TransfersLeft = int.MaxValue;
            _shield.Add(new byte[1536]);
            Assert.True(raw.TryRead() || raw.TryRead(), raw.Problem);
        }
    }

    [Theory]
    [InlineData(98, 96)]
    [InlineData(96, 604)]
    [InlineData(0, 96)]
    public void A_size_that_the_sensor_has_not_is_refused(int width, int height)
    {
        Assert.Contains("expected multiples of four", Assert.Throws<DeviceException>(() => new ArduCam(_shield, _sensor, Ov2640Format.Rgb565, width, height, 100)).Message);
    }

    private void Open() => _ = new ArduCam(_shield, _sensor, Ov2640Format.Rgb565, 32, 24, 100);
}
