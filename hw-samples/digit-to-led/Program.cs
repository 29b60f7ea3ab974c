using System.Device.Gpio;
using System.Runtime.InteropServices;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Format;
using EdgeConv.Samples.DigitToLed;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: digit-to-led MODEL.ecm PICTURE.pgm|FOLDER");
    return 2;
}

// Ctrl-C and systemd's stop end the loop, and its end turns the LEDs off.
using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    using GpioController controller = OpenGpio();
    using FrameFiles frames = new(args[1]);
    DigitLamp.Run(args[0], frames, controller, Console.Out, TimeSpan.FromSeconds(1), stop.Token);
    return 0;
}
catch (Exception error) when (error is ModelFormatException or FrameException or IOException or UnauthorizedAccessException
    or InvalidOperationException)
{
    Console.Error.WriteLine($"digit-to-led: {error.Message}");
    return 1;
}

static GpioController OpenGpio()
{
    try
    {
        return new GpioController();
    }
    catch (Exception error)
    {
        throw new InvalidOperationException(
            $"no GPIO lines here ({error.Message}); run it on a board, with libgpiod installed, as a user of the group gpio.");
    }
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
