using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Samples;

/// <summary>Pictures with one bright spot each, and a model of ten classes that says which; files in place of a camera.</summary>
internal static class SpotFrames
{
    /// <summary>Shows them to a listener, once.</summary>
    /// <param name="folder">For the files.</param>
    /// <param name="spots">The class of each picture.</param>
    /// <param name="listener">A sample's own.</param>
    public static void Watch(TemporaryFolder folder, int[] spots, IWatchListener listener)
    {
        for (int i = 0; i < spots.Length; i++)
        {
            byte[] pixels = new byte[16];
            pixels[spots[i]] = 255;
            folder.Write($"spots/{i}.pgm", [.. "P5 4 4 255\n"u8, .. pixels]);
        }

        using FrameClassifier classifier = new(Model.Open(folder.Write("model.ecm", BrightestPixelModel.Write(classes: 10))), KernelPath.Default);
        using IFrameSource camera = FrameSources.Open(CameraUri.Parse(folder.Path("spots")), _ => { }, mustBeThere: true);
        using Watcher watcher = new(camera, classifier, new DecisionRules(Threshold: 0, Votes: 1), [listener]);
        watcher.Run();
    }
}
