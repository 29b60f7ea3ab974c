using EdgeConv.Nano;
using EdgeConv.Nano.Devices;

namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>The 8x8 thermal sensor's class against a sensor made of registers.</summary>
public sealed class Amg88xxTests
{
    [Fact]
    public void It_is_woken_reset_and_left_at_ten_frames_a_second()
    {
        SimulatedAmg88xx sensor = new();
        _ = new Amg88xx(sensor, 0, 400);
        Assert.Equal([(0x00, 0x00), (0x01, 0x3F)], sensor.Writes[..2]);
        Assert.Equal((0x02, 0x00), sensor.Writes[^1]);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(20, 80)]
    [InlineData(36.5, 146)]
    [InlineData(-0.25, -1)]
    [InlineData(-20, -80)]
    [InlineData(100, 400)]
    public void A_pixel_has_quarters_of_a_degree_below_zero_too(double celsius, int quarters)
    {
        SimulatedAmg88xx sensor = new();
        sensor.Set(11, celsius);
        Amg88xx amg = new(sensor, 0, 400);
        Assert.True(amg.TryRead());
        Assert.Equal(quarters, amg.Temperatures[11]);
        Assert.Equal(80, amg.Temperatures[10]);
        Assert.Null(amg.Problem);
    }

    [Theory]
    [InlineData(21.5, 344)]
    [InlineData(-10, -160)]
    public void The_thermistor_has_sixteenths_and_a_sign_of_its_own(double celsius, int sixteenths)
    {
        SimulatedAmg88xx sensor = new();
        sensor.SetThermistor(celsius);
        Assert.True(new Amg88xx(sensor, 0, 400).TryReadThermistor(out int found));
        Assert.Equal(sixteenths, found);
    }

    [Fact]
    public void The_range_of_temperatures_becomes_0_to_255()
    {
        SimulatedAmg88xx sensor = new();
        (double Celsius, int Gray)[] expected = [(-20, 0), (14.75, 0), (15, 0), (20, 64), (25, 128), (35, 255), (80, 255)];
        for (int i = 0; i < expected.Length; i++)
        {
            sensor.Set(i, expected[i].Celsius);
        }

        Amg88xx amg = new(sensor, 60, 140);
        Assert.True(amg.TryRead());
        Assert.Equal(expected.Select(pair => pair.Gray), amg.Picture.Pixels.Take(expected.Length).Select(pixel => (int)pixel));
        Assert.Equal((8, 8, PixelFormat.Gray8), (amg.Picture.Width, amg.Picture.Height, amg.Picture.Format));
    }

    [Fact]
    public void Another_device_at_its_address_is_refused()
    {
        // an RTC at 0x68 keeps all bits of a register
        RegisterDevice other = new();
        other.Registers[0x0F] = 0x88;
        Assert.Contains("found another device: frame rate 1 and 0, thermistor 136", Assert.Throws<DeviceException>(() => new Amg88xx(other, 0, 400)).Message);
        Assert.Contains("frame rate 255", Assert.Throws<DeviceException>(() => new Amg88xx(new StuckBus(), 0, 400)).Message);
    }

    [Fact]
    public void A_bus_that_fails_at_any_transfer_is_said_by_the_constructor()
    {
        for (int transfers = 0; transfers < 7; transfers++)
        {
            SimulatedAmg88xx sensor = new() { TransfersLeft = transfers };
            Assert.Contains("look at SDA, SCL", Assert.Throws<DeviceException>(() => new Amg88xx(sensor, 0, 400)).Message);
        }
    }

    [Fact]
    public void A_bus_error_costs_one_frame_and_leaves_the_last_one()
    {
        SimulatedAmg88xx sensor = new();
        Amg88xx amg = new(sensor, 0, 400);
        Assert.True(amg.TryRead());
        sensor.TransfersLeft = 0;
        Assert.False(amg.TryRead());
        Assert.Contains("does not answer", amg.Problem);
        Assert.Equal(80, amg.Temperatures[0]);
        sensor.TransfersLeft = int.MaxValue;
        Assert.True(amg.TryRead());
        Assert.Null(amg.Problem);
    }

    [Fact]
    public void A_disturbed_read_is_no_frame()
    {
        SimulatedAmg88xx sensor = new();
        Amg88xx amg = new(sensor, 0, 400);
        sensor.Registers[0x80 + 2 * 63 + 1] = 0xFF;
        Assert.False(amg.TryRead());
        Assert.Contains("pixel 63", amg.Problem);
    }

    /// <summary>Nobody pulls the data line down: all bits read as ones.</summary>
    private sealed class StuckBus : RegisterDevice
    {
        protected override byte Read(int register) => 0xFF;
    }
}
