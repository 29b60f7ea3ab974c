using System.IO.Enumeration;
using System.Text.RegularExpressions;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Converters.Data;
using EdgeConv.Nano;
using EdgeConv.Nano.Devices;
using EdgeConv.Runtime;
using EdgeConv.Samples.NanoDigitCamera;
using EdgeConv.Samples.NanoThermalPresence;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.CodeGen.Nano;
using EdgeConv.Tests.Firmware;
using EdgeConv.Tests.Firmware.Legality;
using EdgeConv.Tests.Firmware.Sensors;
using Microsoft.CodeAnalysis;

namespace EdgeConv.Tests.Samples;

/// <summary>The nanoFramework samples with simulated sensors and a real model file; their programs compile against nanoFramework's own mscorlib.</summary>
public sealed partial class NanoSampleTests(NanoModels models) : IClassFixture<NanoModels>
{
    [Fact]
    public void Warmth_at_the_upper_right_lights_the_lamp_and_its_end_darkens_it_after_a_while()
    {
        SimulatedAmg88xx sensor = new(celsius: 20);
        Lamp lamp = new();
        ModelOnRuntime classifier = new(new Amg88xx(sensor, 60, 140), BrightestPixelModel.Write(), margin: 40, frames: 3);
        PresenceLamp presence = new(classifier, lamp, presentClass: 1, holdFrames: 4);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Null(presence.Step()));
        Assert.Equal([false], lamp.States);

        Warm(sensor, 33);
        Assert.Equal([null, null, "someone is there, lamp on", null, null], Enumerable.Range(0, 5).Select(_ => presence.Step()));
        Assert.Equal([false, true], lamp.States);

        // two frames are still believed, then the lamp holds
        Warm(sensor, 20);
        Assert.Equal([null, null, null, null, null, "nobody is there, lamp off"], Enumerable.Range(0, 6).Select(_ => presence.Step()));
        Assert.Equal([false, true, false], lamp.States);
    }

    [Fact]
    public void A_sensor_that_falls_silent_is_said_once_and_the_lamp_goes_off()
    {
        SimulatedAmg88xx sensor = new(celsius: 20);
        Lamp lamp = new();
        ModelOnRuntime classifier = new(new Amg88xx(sensor, 60, 140), BrightestPixelModel.Write(), margin: 40, frames: 1);
        PresenceLamp presence = new(classifier, lamp, presentClass: 1, holdFrames: 2);
        Warm(sensor, 33);
        presence.Step();
        sensor.TransfersLeft = 0;
        Assert.Equal(
            ["the sensor does not answer on the I2C bus", "nobody is there, lamp off", null],
            Enumerable.Range(0, 3).Select(_ => presence.Step()));
        Assert.Equal([false, true, false], lamp.States);
    }

    [Fact]
    public void A_digit_before_the_camera_is_said_once()
    {
        SimulatedArduCam shield = new();
        ArduCam camera = new(shield, new SimulatedOv2640(), Ov2640Format.Rgb565, 96, 96, 1000);
        DigitSpeaker speaker = new(new ModelOnRuntime(camera, BrightestPixelModel.Write(classes: 10), margin: 40, frames: 2), ["zero", "one", "two"]);
        foreach (int cell in new[] { 7, 7, 7, 2, 2, -1, -1, 2, 2 })
        {
            shield.Add(Frame(cell));
        }

        shield.Add(new byte[100]);
        shield.Add(new byte[100]);
        Assert.Equal(
            [null, "7", null, null, "two", null, "no digit", null, "two", "no frame: found a frame of 100 bytes, expected 18432", null],
            Enumerable.Range(0, 11).Select(_ => speaker.Step()));
    }

    [Fact]
    public void A_recorded_frame_is_a_picture_for_the_trainer()
    {
        SimulatedAmg88xx sensor = new(celsius: 20);
        Warm(sensor, 33);
        Amg88xx amg = new(sensor, 60, 140);
        Assert.True(amg.TryRead());
        using TemporaryFolder folder = new();
        string file = folder.Write("0.pgm", System.Text.Encoding.ASCII.GetBytes(FrameText.Pgm(amg.Picture) + "\n"));
        Assert.Equal(amg.Picture.Pixels, NetpbmReader.Read(File.ReadAllBytes(file)).Pixels.ToArray());
    }

    [Theory]
    [InlineData(0, "EdgeConv: golden ok CRC")]
    [InlineData(-1, "EdgeConv: no golden vector")]
    [InlineData(3, "EdgeConv: golden failed at layer 3 of 5")]
    public void What_the_self_test_found_is_a_line_for_deploy(int layer, string expected)
    {
        sbyte[] output = [-128, 0, 127];
        string crc = Runtime.Format.Crc32C.Compute([0x80, 0, 0x7F]).ToString("X8");
        Assert.Equal(expected.Replace("CRC", crc, StringComparison.Ordinal), GoldenLine.Text(layer, 5, output));
    }

    [Theory]
    [InlineData("nano-thermal-presence", "presence.net")]
    [InlineData("nano-digit-camera", "lenet5")]
    [InlineData("nano-digit-camera", "lenet-nano")]
    public void The_whole_sample_compiles_for_nanoFramework_with_the_model_that_its_page_exports_and_is_legal(string sample, string network)
    {
        string folder = RepositoryFolder.Path("hw-samples", sample);
        NanoProject exported = Exported(folder, network);
        string[] patterns = [.. CompiledOfModel().Matches(Project(folder)).Select(match => match.Groups[1].Value)];
        string[] generated = [.. exported.Files.Where(file => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, file.Path))).Select(file => file.Text)];
        Assert.NotEmpty(generated);
        MetadataReference mscorlib = MetadataReference.CreateFromFile(NanoCoreLibrary.Need());
        MetadataReference[] references = [mscorlib, .. NanoShapes.References(mscorlib)];
        foreach (string library in new[] { "EdgeConv.Nano", "EdgeConv.Nano.Devices" })
        {
            using MemoryStream assembly = NanoCompiler.ForNano(library, NanoCompiler.Sources(RepositoryFolder.Path("firmware", "nanoframework", library)), references);
            references = [.. references, MetadataReference.CreateFromImage(assembly.ToArray())];
        }

        using MemoryStream app = NanoCompiler.ForNano("App", [.. generated, .. NanoCompiler.Sources(folder), NanoShapes.Resources], references);
        NanoLegality.AssertLegal(app);
    }

    [Theory]
    [InlineData("nano-thermal-presence", "presence.net")]
    [InlineData("nano-digit-camera", "lenet5")]
    [InlineData("nano-digit-camera", "lenet-nano")]
    public void A_sample_has_a_reader_and_the_resource_of_weights_where_the_model_that_its_page_exports_has_one(string sample, string network)
    {
        string folder = RepositoryFolder.Path("hw-samples", sample);
        NanoProject exported = Exported(folder, network);
        bool hasWeights = exported.Files.Any(file => file.Path == "Weights.resources");
        string program = File.ReadAllText(Path.Combine(folder, "Program.cs"));
        Assert.Equal([hasWeights ? "new Model(new ResourceWeights())" : "new Model(null)"], Regex.Matches(program, @"new Model\(.*\)(?=;)").Select(match => match.Value));

        string theirs = exported.Files.Single(file => file.Path.EndsWith(".nfproj", StringComparison.Ordinal)).Text, ours = Project(folder);
        Assert.Equal(hasWeights, ours.Contains("<EmbeddedResource Include=\"model\\Weights.resources\">", StringComparison.Ordinal));
        Assert.Equal(LogicalName().Match(theirs).Value, LogicalName().Match(ours).Value);
        Assert.Empty(HintPath().Matches(theirs).Select(match => match.Value).Except(HintPath().Matches(ours).Select(match => match.Value)));
        string packages = exported.Files.Single(file => file.Path == "packages.config").Text;
        string[] listed = File.ReadAllLines(Path.Combine(folder, "packages.config"));
        Assert.All(packages.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(line, listed));
    }

    [Fact]
    public void A_generated_application_compiles_for_nanoFramework_and_is_legal()
    {
        MetadataReference mscorlib = MetadataReference.CreateFromFile(NanoCoreLibrary.Need());
        using Model model = Model.Load(BrightestPixelModel.Write(classes: 10, digits: true));
        IEnumerable<string> sources = NanoExport.Create(model).Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(file => file.Text);
        using MemoryStream app = NanoCompiler.ForNano("EdgeConvApp", sources, mscorlib);
        NanoLegality.AssertLegal(app);
    }

    [Fact]
    public void Generated_code_has_the_models_preprocessing()
    {
        byte[] file = BrightestPixelModel.Write();
        using Model model = Model.Load(file);
        using MemoryStream assembly = NanoCompiler.ForNano(
            "Generated", NanoExport.Create(model).Files.Where(generated => generated.Path.StartsWith("Model", StringComparison.Ordinal)).Select(generated => generated.Text),
            [.. NanoCompiler.DotNet, MetadataReference.CreateFromFile(typeof(PreprocessingRecord).Assembly.Location)]);
        Type type = System.Reflection.Assembly.Load(assembly.ToArray()).GetType("EdgeConv.Generated.Model")!;
        PreprocessingRecord found = (PreprocessingRecord)type.GetMethod("Preprocessing")!.Invoke(null, null)!;
        Assert.Equal((2, 2, ColorOrder.Gray, Crop.Stretch, Resize.Area), (found.Width, found.Height, found.Color, found.Crop, found.Resize));
        Assert.Equal(model.Preprocessing!.Tables.ToArray(), found.Tables);
    }

    // As the command on the sample's page does it.
    private NanoProject Exported(string folder, string network)
    {
        string page = File.ReadAllText(Path.Combine(folder, "README.md"));
        string command = Assert.Single(page.Split('\n'), line => line.StartsWith("edgeconv export ", StringComparison.Ordinal));
        Match optimize = Regex.Match(command, "--optimize ([a-z]+)");
        string file = Path.Combine(folder, network);
        NanoGoal goal = optimize.Success ? new NanoGoal(Enum.Parse<COptimize>(optimize.Groups[1].Value, ignoreCase: true)) : new NanoGoal();
        return NanoExport.Create(models[File.Exists(file) ? file : network], goal);
    }

    private static string Project(string folder) => File.ReadAllText(Assert.Single(Directory.GetFiles(folder, "*.nfproj")));

    [GeneratedRegex(@"<Compile Include=""model\\([^""]+)""")]
    private static partial Regex CompiledOfModel();

    [GeneratedRegex("<LogicalName>.*</LogicalName>")]
    private static partial Regex LogicalName();

    [GeneratedRegex("<HintPath>.*</HintPath>")]
    private static partial Regex HintPath();

    private static void Warm(SimulatedAmg88xx sensor, double celsius)
    {
        for (int i = 0; i < 16; i++)
        {
            sensor.Set(8 * (i / 4) + 4 + i % 4, celsius);
        }
    }

    /// <summary>96x96 pixels of 5-6-5 bits: one of sixteen cells is white.</summary>
    private static byte[] Frame(int cell)
    {
        byte[] frame = new byte[96 * 96 * 2];
        for (int i = 0; cell >= 0 && i < 24 * 24; i++)
        {
            frame.AsSpan(2 * ((24 * (cell / 4) + i / 24) * 96 + 24 * (cell % 4) + i % 24), 2).Fill(0xFF);
        }

        return frame;
    }

    private sealed class Lamp : ILamp
    {
        public List<bool> States { get; } = [];

        public void Set(bool isOn) => States.Add(isOn);
    }
}
