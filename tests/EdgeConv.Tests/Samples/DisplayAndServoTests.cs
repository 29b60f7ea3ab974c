using System.Device.I2c;
using System.Device.Pwm;
using EdgeConv.Samples.CameraToServo;
using EdgeConv.Samples.ClassOnDisplay;

namespace EdgeConv.Tests.Samples;

/// <summary>The samples with a display and with a servo, where no kernel has such a bus: what they ask of it, and what they refuse.</summary>
public sealed class DisplayAndServoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_class_turns_the_arm_to_the_middle_of_its_sector()
    {
        StringWriter output = new() { NewLine = "\n" };
        using FakePwm pwm = new();
        SpotFrames.Watch(_folder, [0, 0, 9, 4], new Pointer(new Servo(pwm, range: 180, TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(2.4)), output));
        Assert.Equal("class 0, 9 degrees\nclass 9, 171 degrees\nclass 4, 81 degrees\n", output.ToString());
        Assert.Equal([595, 2305, 1355], pwm.Microseconds);
    }

    [Fact]
    public void A_channel_of_another_frequency_would_say_other_angles_and_is_refused()
    {
        using FakePwm pwm = new() { Frequency = 400 };
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new Servo(pwm, range: 180, TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(2.4)));
        Assert.Contains("400 pulses a second; expected 50", thrown.Message);
    }

    [Fact]
    public void A_display_that_does_not_answer_is_said_with_its_address()
    {
        using FakeI2c bus = new() { IsThere = false };
        Assert.Contains("nothing answers at address 0x3C of I2C bus 1; expected an SSD1306", Assert.Throws<InvalidOperationException>(() => new Ssd1306(bus)).Message);
    }

    [Fact]
    public void A_model_of_other_things_than_digits_is_refused()
    {
        using FakeI2c bus = new();
        Ssd1306 display = new(bus);
        Assert.Contains("tells 2 classes apart; expected ten digits", Assert.Throws<InvalidOperationException>(() => new DigitDisplay(display, classes: 2, TextWriter.Null)).Message);
    }

    [Fact]
    public void The_page_shows_the_display_as_it_is() => Assert.Equal(SamplePage.Block("class-on-display", "   \u2588"), DisplayPicture.Text(7, 55..73));

    private sealed class FakePwm : PwmChannel
    {
        private double _dutyCycle;

        public List<int> Microseconds { get; } = [];

        public override int Frequency { get; set; } = 50;

        public override double DutyCycle
        {
            get => _dutyCycle;
            set => _dutyCycle = value;
        }

        public override void Start() => Microseconds.Add((int)Math.Round(_dutyCycle * 1_000_000 / Frequency));

        public override void Stop()
        {
        }
    }

    private sealed class FakeI2c : I2cDevice
    {
        public bool IsThere { get; init; } = true;

        public override I2cConnectionSettings ConnectionSettings { get; } = new(busId: 1, deviceAddress: 0x3C);

        public override void Read(Span<byte> buffer) => throw new NotSupportedException();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!IsThere)
            {
                throw new IOException("Error 121 performing I2C data transfer.");
            }
        }

        public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer) => throw new NotSupportedException();
    }
}
