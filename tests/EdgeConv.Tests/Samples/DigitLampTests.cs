using System.Device.Gpio;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Samples.DigitToLed;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.Devices;

namespace EdgeConv.Tests.Samples;

/// <summary>The sample's loop on a simulated GPIO chip.</summary>
public sealed class DigitLampTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeconv-lamp-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Each_picture_lights_the_line_of_its_class_and_the_end_turns_all_off()
    {
        using SimulatedGpioDriver chip = new();
        using GpioController controller = new(chip);
        StringWriter output = new() { NewLine = "\n" };
        using BrightSpots frames = new([3, 0, 9]);
        DigitLamp.Run(Model(BrightestPixelModel.Write(classes: 10)), frames, controller, output, TimeSpan.Zero, CancellationToken.None);
        Assert.Equal("spot 3: 3, LED on GPIO 5\nspot 0: 0, LED on GPIO 17\nspot 9: 9, LED on GPIO 20\n", output.ToString());
        Assert.Equal([5, 17, 20], chip.Written.Where(w => w.Level == PinValue.High).Select(w => w.Pin));
        Assert.Empty(chip.High);
        Assert.Empty(chip.Open);
    }

    [Fact]
    public void A_model_of_something_else_is_refused_before_a_line_is_touched()
    {
        using SimulatedGpioDriver chip = new();
        using GpioController controller = new(chip);
        using BrightSpots frames = new([0]);
        string model = Model(BrightestPixelModel.Write());
        Assert.Throws<InvalidOperationException>(
            () => DigitLamp.Run(model, frames, controller, TextWriter.Null, TimeSpan.Zero, CancellationToken.None));
        Assert.Empty(chip.Written);
    }

    private string Model(byte[] file)
    {
        string path = Path.Combine(_folder.FullName, "model.ecm");
        File.WriteAllBytes(path, file);
        return path;
    }

    private sealed class BrightSpots(int[] spots) : IFrameSource
    {
        private int _next;

        public bool TryRead(out Frame frame)
        {
            if (_next == spots.Length)
            {
                frame = default;
                return false;
            }

            byte[] pixels = new byte[16];
            pixels[spots[_next]] = 200;
            frame = new Frame(new Picture(pixels, 4, 4, PixelFormat.Gray8), $"spot {spots[_next++]}");
            return true;
        }

        public void Dispose()
        {
        }
    }
}
