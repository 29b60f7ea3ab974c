using System.Device.Gpio;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Samples.CameraToLed;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.Devices;

namespace EdgeConv.Tests.Samples;

/// <summary>The sample's lamps on a simulated GPIO chip, with files in place of the camera.</summary>
public sealed class CameraToLedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SimulatedGpioDriver _chip = new();

    public void Dispose()
    {
        _chip.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Each_class_lights_its_line_and_the_end_turns_all_off()
    {
        StringWriter output = new() { NewLine = "\n" };
        Watch(output, spots: [3, 3, 0, 0, 9, 9]);
        Assert.Equal("class 3, LED on GPIO 5\nclass 0, LED on GPIO 17\nclass 9, LED on GPIO 20\n", output.ToString());
        Assert.Equal([5, 17, 20], _chip.Written.Where(w => w.Level == PinValue.High).Select(w => w.Pin));
        Assert.Empty(_chip.High);
        Assert.Empty(_chip.Open);
    }

    [Fact]
    public void A_model_with_more_classes_than_there_are_LEDs_is_refused_before_a_line_is_touched()
    {
        using GpioController controller = new(_chip);
        Assert.Throws<InvalidOperationException>(() => new Lamps(controller, classes: 11, TextWriter.Null));
        Assert.Empty(_chip.Written);
    }

    private void Watch(TextWriter output, int[] spots)
    {
        for (int i = 0; i < spots.Length; i++)
        {
            byte[] pixels = new byte[16];
            pixels[spots[i]] = 255;
            _folder.Write($"spots/{i}.pgm", [.. "P5 4 4 255\n"u8, .. pixels]);
        }

        string file = _folder.Write("model.ecm", BrightestPixelModel.Write(classes: 10));
        using FrameClassifier classifier = new(Model.Open(file), KernelPath.Default);
        using GpioController controller = new(_chip);
        using Lamps lamps = new(controller, classifier.Classes, output);
        using IFrameSource camera = FrameSources.Open(CameraUri.Parse(_folder.Path("spots")), _ => { }, mustBeThere: true);
        using Watcher watcher = new(camera, classifier, new DecisionRules(Threshold: 0, Votes: 1), [lamps]);
        watcher.Run();
    }
}
