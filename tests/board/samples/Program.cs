namespace EdgeConv.BoardSamples;

/// <summary>All samples for Linux boards in one native program, since it is the native compiler that takes the time: samples NAME [ARGUMENTS].</summary>
internal static class Program
{
    private static int Main(string[] args) => args switch
    {
        ["camera-to-led", .. string[] rest] => Samples.CameraToLed.Program.Main(rest),
        ["camera-to-servo", .. string[] rest] => Samples.CameraToServo.Program.Main(rest),
        ["class-on-display", .. string[] rest] => Samples.ClassOnDisplay.Program.Main(rest),
        _ => 2,
    };
}
