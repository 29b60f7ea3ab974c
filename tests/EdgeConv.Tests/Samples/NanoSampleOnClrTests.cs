using System.Text;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.Firmware.Clr;

namespace EdgeConv.Tests.Samples;

/// <summary>A whole nanoFramework sample, its own Main first, on this machine's nanoCLR.</summary>
public sealed class NanoSampleOnClrTests
{
    [Fact]
    public void Presence_by_warmth_says_what_its_page_says_and_switches_its_lamp()
    {
        LocalNanoClr.Need();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using EdgeConv.Cli.Files.TemporaryFolder folder = new();
        NanoTools tools = NanoTools.Find(Environment.GetEnvironmentVariable);
        NanoBuild build = new(tools, folder, cancel);
        build.Build("ThermalBoard", isProgram: false, ThermalBoard.Sources.Select((source, index) => build.Write($"Board{index}.cs", Encoding.UTF8.GetBytes(source))));
        build.Build("EdgeConv.Nano", isProgram: false, Sources("firmware", "nanoframework", "EdgeConv.Nano"));
        // Not what needs the packages of SPI and of serial ports.
        build.Build("EdgeConv.Nano.Devices", isProgram: false,
            Sources("firmware", "nanoframework", "EdgeConv.Nano.Devices").Where(file => Path.GetFileName(file) is not ("SpiBus.cs" or "SerialBytes.cs")));
        using Model model = Model.Load(BrightestPixelModel.Write());
        IEnumerable<string> generated = NanoExport.Create(model, new NanoGoal(COptimize.Speed)).Files
            .Where(file => file.Path.StartsWith("Model", StringComparison.Ordinal)).Select(file => build.Write(file.Path, Encoding.UTF8.GetBytes(file.Text)));
        build.Build("Presence", isProgram: true, [.. Sources("hw-samples", "nano-thermal-presence"), .. generated]);

        (string program, string[] arguments) = tools.Run(build.PeFiles("Presence"));
        string output = ChildProcess.Capture(program, arguments, cancel, limit: TimeSpan.FromSeconds(60)).Output;
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        string[] said = [.. output.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("EdgeConv: ", StringComparison.Ordinal) || line.StartsWith("GPIO ", StringComparison.Ordinal))];
        string[] shown = SamplePage.Block("nano-thermal-presence", "EdgeConv: golden ok").TrimEnd().Split('\n');
        Assert.Equal(4, shown.Length);
        // The sum of its last layer is that of another model.
        Assert.Equal(["GPIO 21 data", "GPIO 22 clock", "GPIO 2 low", shown[0][..19], shown[1], "GPIO 2 high", shown[2], "GPIO 2 low", shown[3]],
            said.Select(line => line.StartsWith("EdgeConv: golden ok ", StringComparison.Ordinal) ? line[..19] : line));
    }

    private static IEnumerable<string> Sources(params string[] folder) => Directory.EnumerateFiles(RepositoryFolder.Path(folder), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj")).Order(StringComparer.Ordinal);
}
