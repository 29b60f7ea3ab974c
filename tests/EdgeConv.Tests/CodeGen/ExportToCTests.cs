using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.CodeGen;

/// <summary>`export --to c`: files, messages, mistakes.</summary>
public sealed class ExportToCTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_has_the_sources_and_what_build_systems_want()
    {
        string firmware = _folder.Path("firmware");
        CliRun run = CliRun.Of("export", lenet.Model, "--to", "c", "-o", firmware);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("edgeconv_run(input, output)", run.Output);
        Assert.Equal(
            ["CMakeLists.txt", "library.json", "library.properties", "src/edgeconv_dsp.h", "src/edgeconv_frame.h", "src/edgeconv_math.h", "src/edgeconv_mve.h", "src/model.c",
                "src/model.h", "src/model_frame.c", "src/model_frame.h",
                "zephyr/CMakeLists.txt", "zephyr/Kconfig", "zephyr/module.yml"],
            Directory.GetFiles(firmware, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(firmware, file).Replace('\\', '/')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Two_models_fit_into_one_program_by_their_names()
    {
        foreach (string name in (string[])["digits", "again"])
        {
            Assert.Equal(0, CliRun.Of("export", lenet.Model, "--to", "c", "-o", _folder.Path("both"), "--name", name).Code);
        }

        string main = _folder.Write("both/main.c", """
            #include "src/digits.h"
            #include "src/again.h"
            int main(void) { return (int)(digits_selftest() + again_selftest()); }
            """u8.ToArray());
        CProgram.Run("gcc", "-std=c99", "-o", _folder.Path("both", "main"), main, _folder.Path("both", "src", "digits.c"), _folder.Path("both", "src", "again.c"));
        CProgram.Run(_folder.Path("both", "main"));
    }

    [Fact]
    public void Tables_for_a_slot_are_a_file_that_is_named_and_fit_the_code_that_was_exported_before()
    {
        string firmware = _folder.Path("slots"), next = _folder.Path("next");
        string[] export = ["export", lenet.Model, "--to", "c", "--cpu", "cortex-m4", "--weights", "slot"];
        CliRun run = CliRun.Of([.. export, "-o", firmware]);
        Assert.Matches("tables in model.weights, [0-9.]+ KB of each slot, arena", run.Output);
        Assert.True(File.Exists(Path.Combine(firmware, "model.weights")), run.Errors);
        CliRun fits = CliRun.Of([.. export, "-o", next, "--weights-for", firmware]);
        Assert.True(fits.Code == 0, fits.Errors);
        Assert.Contains($"its version is 2, {Path.Combine(firmware, "model.weights")} has 1", fits.Output);
        Assert.Equal(2, File.ReadAllBytes(Path.Combine(next, "model.weights"))[12]);
        Assert.Equal([Path.Combine(next, "model.weights")], Directory.GetFiles(next, "*", SearchOption.AllDirectories));
        CliRun.Of([.. export, "-o", next, "--optimize", "size", "--weights-for", firmware]).Failed(1, $"do not fit the program in {firmware}: line ");
    }

    [Theory]
    [InlineData(2, "There are c, nanoframework and onnx", "--to", "rust", "-o", "x")]
    [InlineData(2, "weights for a slot go with --to c and --to nanoframework", "--to", "onnx", "-o", "x", "--weights", "slot")]
    [InlineData(2, "--name goes with --to c", "--to", "onnx", "-o", "x", "--name", "y")]
    [InlineData(1, "cannot be the name of C functions", "--to", "c", "-o", "x", "--name", "9lives")]
    public void A_mistake_is_said(int code, string message, params string[] args) =>
        CliRun.Of(["export", lenet.Model, .. args]).Failed(code, message);

    [Fact]
    public void A_file_is_no_folder()
    {
        string file = _folder.Write("file", [1]);
        CliRun.Of("export", lenet.Model, "--to", "c", "-o", file).Failed(1, "a folder was expected");
        CliRun.Of("export", lenet.Onnx, "--to", "c", "-o", _folder.Path("x")).Failed(1, "is an ONNX model");
    }

    [Fact]
    public void A_network_with_layers_of_int16_has_their_header_and_passes_its_selftest()
    {
        string wide = _folder.Path("wide.ecm"), firmware = _folder.Path("wide");
        CliRun convert = CliRun.Of("convert", lenet.Onnx, "-o", wide, "--calibrate", lenet.Pictures, "--no-test", "--wide", "fc1");
        Assert.True(convert.Code == 0, convert.Errors);
        CliRun run = CliRun.Of("export", wide, "--to", "c", "-o", firmware);
        Assert.True(run.Code == 0, run.Errors);
        Assert.True(File.Exists(Path.Combine(firmware, "src", "edgeconv_wide.h")));
        string main = _folder.Write("wide/main.c", """
            #include "src/model.h"
            int main(void) { edgeconv_init(); return (int)edgeconv_selftest(); }
            """u8.ToArray());
        string program = _folder.Path("wide", "main");
        CProgram.Run("gcc", "-std=c99", "-o", program, main, Path.Combine(firmware, "src", "model.c"));
        CProgram.Run(program);
    }
}
