using EdgeConv.Devices.Cameras;

namespace EdgeConv.Agent;

/// <summary>Lists video devices with their formats and sizes.</summary>
internal static class CamerasCommand
{
    /// <summary>cameras.</summary>
    public static void Execute(TextWriter output)
    {
        IReadOnlyList<CameraInfo> cameras = CameraList.Find();
        if (cameras.Count == 0)
        {
            output.WriteLine("no /dev/video here. Plug a USB camera in, or use rpicam: for a Raspberry Pi's own camera.");
        }

        foreach (CameraInfo camera in cameras)
        {
            output.WriteLine(camera.Problem is null ? $"{camera.Uri}  {camera.Name}" : $"{camera.Uri}  not usable: {camera.Problem}");
            foreach (CameraFormat format in camera.Formats)
            {
                string sizes = string.Join(", ", format.Sizes.Select(size =>
                    $"{size.Width}x{size.Height}{(size.FramesASecond > 0 ? $" {size.FramesASecond:0.##}/s" : "")}"));
                output.WriteLine($"  {format.Name,-6}{(format.IsUsable ? "" : " (not read here)")} {sizes}");
            }
        }
    }
}
