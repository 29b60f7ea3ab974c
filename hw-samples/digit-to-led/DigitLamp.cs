using System.Device.Gpio;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Samples.DigitToLed;

/// <summary>Pictures in, one LED a digit out.</summary>
public static class DigitLamp
{
    /// <summary>GPIO lines of the LEDs for 0 to 9, BCM numbers; free of I2C, SPI and the serial port.</summary>
    public static IReadOnlyList<int> Lines { get; } = [17, 27, 22, 5, 6, 13, 19, 26, 16, 20];

    /// <summary>Classifies every picture and holds its LED on for a while.</summary>
    /// <param name="modelPath">A model of ten classes that takes pictures.</param>
    /// <param name="frames">The pictures.</param>
    /// <param name="controller">Owns the lines.</param>
    /// <param name="output">Told every answer.</param>
    /// <param name="hold">How long each LED stays on.</param>
    /// <param name="stop">Ends the loop; the LEDs are off afterwards.</param>
    /// <exception cref="InvalidOperationException">The model is not one for ten digits.</exception>
    public static void Run(string modelPath, IFrameSource frames, GpioController controller, TextWriter output, TimeSpan hold, CancellationToken stop)
    {
        using Model model = Model.Open(modelPath);
        if (model.Preprocessing is null || model.Output.Length != Lines.Count)
        {
            throw new InvalidOperationException($"{modelPath} has {model.Output.Length} outputs; expected a model that takes pictures of ten digits.");
        }

        using Interpreter net = new(model);
        Preprocessor preprocessor = new(model.Preprocessing);
        sbyte[] input = new sbyte[model.Input.ByteLength];
        sbyte[] answer = new sbyte[model.Output.ByteLength];
        using ClassPins leds = new(controller, Lines);
        while (!stop.IsCancellationRequested && frames.TryRead(out Frame frame))
        {
            preprocessor.Run(frame.Picture, input);
            net.Invoke(input, answer);
            int digit = model.Output.IndexOfLargest(answer);
            leds.Show(digit);
            output.WriteLine($"{Path.GetFileName(frame.Name)}: {digit}, LED on GPIO {Lines[digit]}");
            stop.WaitHandle.WaitOne(hold);
        }
    }
}
