using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Tests.Devices;

/// <summary>How cameras are named.</summary>
public sealed class CameraUriTests
{
    [Theory]
    [InlineData("v4l2:/dev/video0", "v4l2", "/dev/video0")]
    [InlineData("v4l2:/dev/video0?size=640x480&format=YUYV&fps=30", "v4l2", "/dev/video0")]
    [InlineData("rpicam:", "rpicam", "")]
    [InlineData("rpicam:?size=640x480", "rpicam", "")]
    [InlineData("folder:some where?fps=2.5&loop=1", "folder", "some where")]
    [InlineData("file:a.png", "file", "a.png")]
    [InlineData("http://pi:8080/stream?high=1", "http", "http://pi:8080/stream?high=1")]
    [InlineData("https://pi/stream#timeout=2", "https", "https://pi/stream")]
    public void A_camera_is_named_by_kind_and_place_and_reads_as_it_was_typed(string text, string scheme, string target)
    {
        CameraUri uri = CameraUri.Parse(text);
        Assert.Equal((scheme, target, text), (uri.Scheme, uri.Target, uri.ToString()));
    }

    [Fact]
    public void Options_have_values()
    {
        CameraUri uri = CameraUri.Parse("v4l2:/dev/video0?size=640x480&fps=12.5&timeout=3");
        Assert.Equal(((int, int)?)(640, 480), uri.Size());
        Assert.Equal(12.5, uri.Real("fps", 100));
        Assert.Equal(3, uri.Number("timeout", 5, 60));
        Assert.Equal(5, uri.Number("camera", 5, 60));
        Assert.Null(CameraUri.Parse("rpicam:").Size());
    }

    [Fact]
    public void A_path_alone_is_what_it_is()
    {
        using TemporaryFolder folder = new();
        Assert.Equal("folder", CameraUri.Parse(folder.Root).Scheme);
        Assert.Equal("file", CameraUri.Parse(folder.Write("a.pgm", [1])).Scheme);
        Assert.Equal("v4l2", CameraUri.Parse("/dev/video7").Scheme);
    }

    [Theory]
    [InlineData("", "neither a path nor a URI")]
    [InlineData("/no/such/thing", "neither a path nor a URI")]
    [InlineData("usb:0", "neither a path nor a URI")]
    [InlineData("v4l2:", "names nothing")]
    [InlineData("v4l2:/dev/video0?zoom=2", "'zoom=2' is not understood; expected size=")]
    [InlineData("v4l2:/dev/video0?size", "'size' is not understood")]
    [InlineData("v4l2:/dev/video0?fps=3&fps=4", "fps is given twice")]
    [InlineData("folder:pictures?loop=1", "loop=1 needs a pace; add fps=10")]
    [InlineData("folder:pictures?fps=10&loop=yes", "loop=yes: expected loop=1 or loop=0")]
    [InlineData("folder:pictures?fps=ten", "fps=ten: expected a number above 0")]
    [InlineData("http://pi/stream#timeout=0", "timeout=0: expected a whole number from 1 to 3600")]
    [InlineData("v4l2:/dev/video0?size=big", "size=big: expected width x height")]
    [InlineData("v4l2:/dev/video0?format=JPG2000", "format=JPG2000: expected one of YUYV")]
    [InlineData("rpicam:?camera=front", "camera=front: expected a number from 0 on")]
    [InlineData("rpicam:?size=100x99", "expected an even height")]
    public void A_mistake_is_said_with_what_was_expected(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FrameException>(() => CameraUri.Parse(text)).Message);

    [Theory]
    [InlineData("size=640")]
    [InlineData("size=640x")]
    [InlineData("size=0x480")]
    [InlineData("size=640x480x3")]
    [InlineData("size=-1x4")]
    [InlineData("size=99999x4")]
    public void A_size_that_is_none_is_said(string option) =>
        Assert.Contains("640x480", Assert.Throws<FrameException>(() => CameraUri.Parse("rpicam:?" + option).Size()).Message);

    [Theory]
    [InlineData("fps=0")]
    [InlineData("fps=fast")]
    [InlineData("fps=1e9")]
    [InlineData("fps=-1")]
    [InlineData("fps=101")]
    public void A_pace_that_is_none_is_said(string option) =>
        Assert.Contains("above 0, at most 100", Assert.Throws<FrameException>(() => CameraUri.Parse("rpicam:?" + option).Real("fps", 100)).Message);
}
