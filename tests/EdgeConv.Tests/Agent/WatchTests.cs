using EdgeConv.Agent;
using EdgeConv.Converters.Data;

namespace EdgeConv.Tests.Agent;

/// <summary>run --camera: what the agent says, saves, and refuses. GPIO and a kernel's camera are tested on the emulated board.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public WatchTests()
    {
        _model = _folder.Write("brightest.ecm", BrightestPixelModel.Write());
        for (int i = 0; i < 9; i++)
        {
            _folder.Write($"frames/{i}.pgm", [.. "P5 2 2 255\n"u8, (byte)(i < 4 ? 255 : 0), (byte)(i < 4 ? 0 : 255), 0, 0]);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_class_is_said_when_the_majority_of_frames_has_it()
    {
        (int code, string output, string error) = Run("run", _model, "--camera", $"folder:{_folder.Path("frames")}", "--votes", "3");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(["1  left  0.576", "5  right  0.576"], output.Split('\n'));
    }

    [Fact]
    public void Pictures_that_are_too_few_for_a_decision_are_said_to_be()
    {
        (int code, string output, _) = Run("run", _model, "--camera", _folder.Path("frames", "0.pgm"));
        Assert.Equal(0, code);
        Assert.StartsWith("1 frame, and no class was decided", output);
    }

    [Fact]
    public void Frames_are_saved_where_the_trainer_looks()
    {
        Assert.Equal(0, Run("run", _model, "--camera", _folder.Path("frames"), "--save-as", "dot", "--to", _folder.Path("photos")).Code);
        IDataSet data = DataSets.Open(_folder.Path("photos"), Split.Train);
        Assert.Equal(["dot"], data.Classes);
        Assert.Equal(4, data.Load(0).Pixels.Length);
        Assert.Equal(9, Directory.GetFiles(_folder.Path("photos", "dot")).Length);
    }

    [Fact]
    public void Frames_end_after_as_many_as_were_asked_for()
    {
        Assert.Equal(0, Run("run", _model, "--camera", $"folder:{_folder.Path("frames")}?fps=100&loop=1", "--frames", "20").Code);
    }

    [Fact]
    public void Cameras_lists_what_there_is()
    {
        (int code, string output, _) = Run("cameras");
        Assert.Equal(0, code);
        Assert.True(output.Contains("v4l2:/dev/video", StringComparison.Ordinal) || output.Contains("no /dev/video here", StringComparison.Ordinal), output);
    }

    [Theory]
    [InlineData(2, "neither a path nor a URI", "--camera", "usb:1")]
    [InlineData(2, "--raw does not go with a camera", "--camera", "FRAMES", "--raw", "x")]
    [InlineData(2, "--pins goes with a camera", "x.pgm", "--pins", "1")]
    [InlineData(2, "give both --save-as", "--camera", "FRAMES", "--save-as", "x")]
    [InlineData(2, "--threshold 2", "--camera", "FRAMES", "--threshold", "2")]
    [InlineData(2, "--votes 0", "--camera", "FRAMES", "--votes", "0")]
    [InlineData(2, "--hold -1", "--camera", "FRAMES", "--hold", "-1")]
    [InlineData(2, "--save-as ../a: expected a folder's name", "--camera", "FRAMES", "--save-as", "../a", "--to", "x")]
    public void A_mistake_is_said(int code, string message, params string[] args)
    {
        (int found, _, string error) = Run(["run", _model, .. args.Select(arg => arg == "FRAMES" ? _folder.Path("frames") : arg)]);
        Assert.Equal(code, found);
        Assert.Contains(message, error);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" };
        StringWriter error = new() { NewLine = "\n" };
        int code = AgentProgram.Run(args, output, error);
        return (code, output.ToString().TrimEnd('\n'), error.ToString().TrimEnd('\n'));
    }
}
