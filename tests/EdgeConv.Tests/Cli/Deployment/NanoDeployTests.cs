using System.Runtime.InteropServices;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.Firmware.Legality;

namespace EdgeConv.Tests.Cli.Deployment;

/// <summary>`deploy --to nanodevice:PORT` with a tool that only writes down how it is called, and a pseudo-terminal for the board's port.</summary>
public sealed class NanoDeployTests : IDisposable
{
    private const string Golden = "\r\nEdgeConv: golden ok 1A2B3C4D\r\nEdgeConv: class seven in 812 ms\r\n";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeNanoff _nanoff;
    private readonly string _app;

    public NanoDeployTests()
    {
        _nanoff = new FakeNanoff(_folder);
        _app = _folder.Path("app");
        _folder.Write("app/bin/Release/mscorlib.pe", [.. "NFMRK1\0\0"u8, 1, 2, 3]);
        _folder.Write("app/bin/Release/EdgeConvApp.pe", [.. "NFMRK1\0\0"u8, 4]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_firmware_then_the_image_are_written_and_the_boards_check_is_waited_for()
    {
        using PseudoTerminal board = new();
        CliRun run = board.Say(Golden, () => _nanoff.Run("deploy", _app, "--to", $"nanodevice:{board.Port}", "--board", "ESP32_PSRAM_REV0"));
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(2, _nanoff.Calls.Length);
        Assert.Equal($"--update --target ESP32_PSRAM_REV0 --serialport {board.Port}", _nanoff.Calls[0]);
        Assert.Matches($"^--nanodevice --deploy --serialport {board.Port} --image /.*/app\\.bin$", _nanoff.Calls[1]);
        Assert.Equal([.. "NFMRK1\0\0"u8, 1, 2, 3, 0, .. "NFMRK1\0\0"u8, 4, 0, 0, 0], _nanoff.Image);
        Assert.Equal($"{board.Port}: mscorlib, EdgeConvApp (24 B)\ngolden ok 1A2B3C4D: the board computes the PC's bytes\n", run.Output);
    }

    [Theory]
    [InlineData("ST_STM32F769I_DISCOVERY", "--update --target ST_STM32F769I_DISCOVERY --jtag")]
    [InlineData("NETDUINO3_WIFI", "--update --target NETDUINO3_WIFI --dfu")]
    public void Other_boards_get_their_firmware_in_their_own_way(string target, string expected)
    {
        using PseudoTerminal board = new();
        CliRun run = _nanoff.Run("deploy", _app, "--to", $"nanodevice:{board.Port}", "--board", target, "--timeout", "0", "--json");
        Assert.Equal(24, run.Json().GetProperty("imageBytes").GetInt32());
        Assert.Equal(expected, _nanoff.Calls[0]);
    }

    [Fact]
    public void A_line_within_frames_of_the_debuggers_protocol_is_found_too()
    {
        using PseudoTerminal board = new();
        string frame = "MSdbgV1\0\x12\x34\x00\x01" + "EdgeConv: golden ok 00000001\nMSpktV1\0\xFF\xFE";
        CliRun run = board.Say(frame, () => _nanoff.Run("deploy", _app, "--to", $"nanodevice:{board.Port}", "--json"));
        Assert.Equal("00000001", run.Json().GetProperty("golden").GetString());
    }

    [Fact]
    public void A_board_that_computes_other_bytes_fails_with_its_own_words()
    {
        using PseudoTerminal board = new();
        CliRun run = board.Say("EdgeConv: golden failed at layer 3 of 5\r\n", () => _nanoff.Run("deploy", _app, "--to", $"nanodevice:{board.Port}"));
        run.Failed(1, "other bytes than the PC", "'EdgeConv: golden failed at layer 3 of 5'");
    }

    [Fact]
    public void A_board_whose_slots_have_no_weights_is_no_failure_of_its_bytes()
    {
        using PseudoTerminal board = new();
        const string Line = "EdgeConv: no slot has weights for this program: slot 0 is empty; slot 1 is empty";
        board.Say($"{Line}\r\n", () => _nanoff.Run("deploy", _app, "--to", $"nanodevice:{board.Port}")).Failed(1, "has no weights there", $"'{Line}'", "Put model.weights into a slot");
    }

    [Fact]
    public void A_board_that_says_something_else_fails_with_its_last_words()
    {
        using PseudoTerminal board = new();
        CliRun run = board.Say("EdgeConv: out of memory\r\n", () => _nanoff.Run("deploy", _app, "--to", $"nanodevice:{board.Port}", "--timeout", "1"));
        run.Failed(1, "within 1 s", "last words: 'EdgeConv: out of memory'");
    }

    [Fact]
    public void A_silent_board_fails_after_the_time_that_was_given()
    {
        using PseudoTerminal board = new();
        _nanoff.Run("deploy", _app, "--to", $"nanodevice:{board.Port}", "--timeout", "0.3").Failed(1, "the board said nothing", "reset button");
    }

    [Fact]
    public void What_the_tool_says_when_it_fails_is_passed_on()
    {
        using PseudoTerminal board = new();
        _nanoff.Fail();
        _nanoff.Run("deploy", _app, "--to", $"nanodevice:{board.Port}")
            .Failed(1, "nanoff cannot write the application: Error E6001: no response from device (exit code 60 of `nanoff --nanodevice --deploy");
    }

    [Fact]
    public void A_port_that_is_not_there_is_named_before_anything_is_written()
    {
        _nanoff.Run("deploy", _app, "--to", "nanodevice:/dev/ttyNONE9", "--board", "ESP32_REV0").Failed(1, "there is no serial port /dev/ttyNONE9");
        Assert.Empty(_nanoff.Calls);
    }

    [Fact]
    public void Without_the_tool_it_is_said_how_to_install_it()
    {
        CliRun.InChild(("PATH", "/nowhere"), "deploy", _app, "--to", "nanodevice:/dev/null").Failed(1, "'nanoff' is not on the PATH", "dotnet tool install -g nanoff");
    }

    [Fact]
    public void An_application_that_was_not_built_is_said_to_be_so()
    {
        _folder.Write("empty/Program.cs", []);
        _nanoff.Run("deploy", _folder.Path("empty"), "--to", "nanodevice:/dev/null").Failed(1, "has no .pe files", "build the project first");
        CliRun.Of("deploy", _folder.Path("none"), "--to", "nanodevice:COM3").Failed(1, "no such file or folder");
    }

    [Fact]
    public void A_model_file_is_exported_compiled_and_deployed()
    {
        NanoCoreLibrary.Need();
        using PseudoTerminal board = new();
        byte[] file = BrightestPixelModel.Write();
        string model = _folder.Write("brightest.ecm", file);
        using Model loaded = Model.Load(file);
        uint crc = Crc32C.Compute(MemoryMarshal.AsBytes(loaded.GoldenVectors[0].Output.Span));
        _nanoff.AddProcessor();
        CliRun run = board.Say($"EdgeConv: golden ok {crc:X8}\r\n", () => _nanoff.Run("deploy", model, "--to", $"nanodevice:{board.Port}", "--json"));
        Assert.Equal(["mscorlib", "EdgeConvApp"], run.Json().GetProperty("assemblies").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("NFMRK1\0\0made"u8, _nanoff.Image.AsSpan()[^12..]);

        using PseudoTerminal other = new();
        other.Say("EdgeConv: golden ok 0BADC0DE\r\n", () => _nanoff.Run("deploy", model, "--to", $"nanodevice:{other.Port}"))
            .Failed(1, "another model: it says 'golden ok 0BADC0DE'", $"{crc:X8}");
    }

    [Fact]
    public void Without_what_makes_pe_files_a_model_file_is_not_deployed()
    {
        string model = _folder.Write("brightest.ecm", BrightestPixelModel.Write());
        _nanoff.Run("deploy", model, "--to", "nanodevice:/dev/null").Failed(2, "nothing compiles nanoFramework's programs here", "EDGECONV_NANOCLR_MDP");
    }

    [Theory]
    [InlineData("--folder is for boards that run Linux", "app", "--to", "nanodevice:COM3", "--folder", "/opt/x")]
    [InlineData("--rollback is for boards that run Linux", "--to", "nanodevice:COM3", "--rollback")]
    [InlineData("--board is for nanoFramework boards", "m.ecm", "--to", "pi@pi", "--board", "ESP32_REV0")]
    [InlineData("expected --to nanodevice:PORT: name the application's folder or a model file, and the board's port", "app", "--to", "nanodevice:")]
    [InlineData("expected --to nanodevice:PORT: name the application's folder or a model file, and the board's port", "app", "--to", "nanodevice")]
    [InlineData("name the application's folder or a model file", "--to", "nanodevice:COM3")]
    public void Options_of_the_other_kind_of_board_are_refused(string expected, params string[] args)
    {
        CliRun.Of(["deploy", .. args]).Failed(2, expected);
    }

    [Theory]
    [InlineData("esp32")]
    [InlineData("stm32f769i-nano")]
    public void What_export_calls_a_board_is_not_passed_to_nanoff(string board)
    {
        _nanoff.Run("deploy", _app, "--to", "nanodevice:/dev/null", "--board", board).Failed(2, $"--board {board}", "nanoff's name", "ESP32_REV0", "nanoff --listtargets");
        Assert.Empty(_nanoff.Calls);
    }

    [Theory]
    [InlineData("--timeout", "-1")]
    [InlineData("--baud", "7")]
    public void Numbers_without_sense_are_refused(string option, string value)
    {
        CliRun.Of("deploy", _app, "--to", "nanodevice:COM3", option, value).Failed(2, "expected 0 to 3600 seconds and 300 to 10000000 baud");
    }
}
