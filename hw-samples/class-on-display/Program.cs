using System.Device.I2c;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Samples.ClassOnDisplay;
using Iot.Device.Ssd13xx;
using Iot.Device.Ssd13xx.Commands.Ssd1306Commands;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: class-on-display MODEL.ecm PICTURE.pgm|FOLDER");
    return 2;
}

try
{
    using Model model = Model.Open(args[0]);
    if (model.Preprocessing is null || model.Output.Length != 10)
    {
        throw new InvalidOperationException($"{args[0]} has {model.Output.Length} outputs; expected a model that takes pictures of ten digits.");
    }

    using Interpreter net = new(model);
    Preprocessor preprocessor = new(model.Preprocessing);
    sbyte[] input = new sbyte[model.Input.ByteLength];
    sbyte[] answer = new sbyte[model.Output.ByteLength];
    using FrameFiles frames = new(args[1]);
    using I2cDevice bus = I2cDevice.Create(new I2cConnectionSettings(busId: 1, deviceAddress: 0x3C));
    using Ssd1306 display = new(bus, SevenSegment.Width, SevenSegment.Height);
    while (frames.TryRead(out Frame frame))
    {
        preprocessor.Run(frame.Picture, input);
        net.Invoke(input, answer);
        int digit = model.Output.IndexOfLargest(answer);
        display.SendCommand(new SetColumnAddress());
        display.SendCommand(new SetPageAddress(PageAddress.Page0, PageAddress.Page3));
        display.SendData(SevenSegment.Draw(digit));
        Console.WriteLine($"{Path.GetFileName(frame.Name)}: {digit}");
        Thread.Sleep(1000);
    }

    return 0;
}
catch (Exception error) when (error is ModelFormatException or FrameException or IOException or UnauthorizedAccessException
    or InvalidOperationException or PlatformNotSupportedException)
{
    Console.Error.WriteLine($"class-on-display: {error.Message}");
    return 1;
}
