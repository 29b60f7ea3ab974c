using System.Device.Gpio;
using EdgeConv.Devices.Gpio;

namespace EdgeConv.Tests.Devices;

/// <summary>A line a class, on a simulated chip.</summary>
public sealed class ClassPinsTests
{
    private static readonly int[] _pins = [17, 27, 22];

    [Fact]
    public void Lines_open_as_outputs_and_off()
    {
        using var chip = new SimulatedGpioDriver();
        using var controller = new GpioController(chip);
        using var pins = new ClassPins(controller, _pins);
        Assert.Equal([17, 22, 27], chip.Open);
        Assert.All(_pins, pin => Assert.Equal(PinMode.Output, controller.GetPinMode(pin)));
        Assert.Empty(chip.High);
        Assert.Equal(-1, pins.Shown);
    }

    [Fact]
    public void Showing_a_class_raises_its_line_alone()
    {
        using var chip = new SimulatedGpioDriver();
        using var controller = new GpioController(chip);
        using var pins = new ClassPins(controller, _pins);
        for (int i = 0; i < 6; i++)
        {
            pins.Show(i % 3);
            Assert.Equal([_pins[i % 3]], chip.High);
        }

        pins.Show(-1);
        Assert.Empty(chip.High);
    }

    [Fact]
    public void The_old_line_goes_off_before_the_new_one_goes_on_and_a_repeat_writes_nothing()
    {
        using var chip = new SimulatedGpioDriver();
        using var controller = new GpioController(chip);
        using var pins = new ClassPins(controller, _pins);
        chip.Written.Clear();
        pins.Show(0);
        pins.Show(0);
        pins.Show(2);
        Assert.Equal([(17, PinValue.High), (17, PinValue.Low), (22, PinValue.High)], chip.Written);
    }

    [Fact]
    public void Active_low_lines_rest_high()
    {
        using var chip = new SimulatedGpioDriver();
        using var controller = new GpioController(chip);
        using (var pins = new ClassPins(controller, _pins, activeLow: true))
        {
            Assert.Equal([17, 22, 27], chip.High);
            pins.Show(1);
            Assert.Equal([17, 22], chip.High);
        }

        Assert.Equal([17, 22, 27], chip.High);
    }

    [Fact]
    public void Dispose_turns_the_line_off_and_closes_all()
    {
        using var chip = new SimulatedGpioDriver();
        using var controller = new GpioController(chip);
        var pins = new ClassPins(controller, _pins);
        pins.Show(2);
        pins.Dispose();
        pins.Dispose();
        Assert.Empty(chip.High);
        Assert.Empty(chip.Open);
        Assert.Throws<ObjectDisposedException>(() => pins.Show(0));
    }

    [Fact]
    public void A_busy_line_gives_the_others_back()
    {
        using var chip = new SimulatedGpioDriver { Busy = 22 };
        using var controller = new GpioController(chip);
        Assert.Throws<InvalidOperationException>(() => new ClassPins(controller, _pins));
        Assert.Empty(chip.Open);
        Assert.Empty(chip.High);
    }

    [Fact]
    public void A_class_without_a_line_turns_the_others_off()
    {
        using var chip = new SimulatedGpioDriver();
        using var controller = new GpioController(chip);
        using var pins = new ClassPins(controller, [17, ClassPins.NoLine, 22]);
        pins.Show(0);
        Assert.Equal(PinValue.High, controller.Read(17));
        pins.Show(1);
        Assert.Equal((1, PinValue.Low, PinValue.Low), (pins.Shown, controller.Read(17), controller.Read(22)));
        Assert.Throws<ArgumentException>(() => new ClassPins(controller, [ClassPins.NoLine]));
    }

    [Fact]
    public void Bad_lines_and_classes_are_refused()
    {
        using var chip = new SimulatedGpioDriver();
        using var controller = new GpioController(chip);
        Assert.Throws<ArgumentException>(() => new ClassPins(controller, []));
        Assert.Throws<ArgumentException>(() => new ClassPins(controller, [4, 4]));
        using var pins = new ClassPins(controller, _pins);
        Assert.Throws<ArgumentOutOfRangeException>(() => pins.Show(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => pins.Show(-2));
    }
}
