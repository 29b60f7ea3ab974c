using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.CodeGen.Nano;

/// <summary>`export --to nanoframework`: files, messages, mistakes.</summary>
public sealed class ExportToNanoTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_has_a_whole_application_and_the_command_says_what_it_takes()
    {
        string app = _folder.Path("app");
        CliRun run = CliRun.Of("export", lenet.Model, "--to", "nanoframework", "-o", app, "--optimize", "speed", "--board", "esp32");
        Assert.True(run.Code == 0, run.Errors);
        Assert.Matches("conv1 +straight code, [23] filters a product", run.Output);
        Assert.Matches("operations of byte code an inference, estimated: [0-9.]+ m?s to [0-9.]+ m?s on ESP32-DevKitC", run.Output);
        Assert.Matches("KB of flash, [0-9.]+ KB of RAM, of which [0-9.]+ KB are the arena", run.Output);
        string[] files = [.. Directory.GetFiles(app, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(app, file).Replace('\\', '/'))];
        Assert.Superset(
            new HashSet<string> { "EdgeConvApp.nfproj", "packages.config", "Program.cs", "Properties/AssemblyInfo.cs", "README.md", "Model.cs", "EdgeConv.Nano/Crc32C.cs" }, files.ToHashSet());
        string project = File.ReadAllText(Path.Combine(app, "EdgeConvApp.nfproj"));
        Assert.All(files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)),
            file => Assert.Contains($"<Compile Include=\"{file.Replace('/', '\\')}\" />", project));
    }

    [Fact]
    public void Exporting_again_keeps_the_program_and_replaces_the_model()
    {
        string app = _folder.Path("again"), program = Path.Combine(app, "Program.cs"), model = Path.Combine(app, "Model.cs");
        string[] export = ["export", lenet.Model, "--to", "nanoframework", "-o", app];
        Assert.DoesNotContain("kept Program.cs", CliRun.Of(export).Output);
        string generated = File.ReadAllText(model);
        File.WriteAllText(program, "// mine");
        File.WriteAllText(model, "// old");
        Assert.Contains("kept Program.cs, which is yours: this model is made by new Model(new ResourceWeights())", CliRun.Of(export).Output);
        Assert.Equal(("// mine", generated), (File.ReadAllText(program), File.ReadAllText(model)));
    }

    [Fact]
    public void Help_says_which_form_an_option_goes_with()
    {
        string help = System.Text.RegularExpressions.Regex.Replace(CliRun.Of("export", "--help").Output, @"\s+", " ");
        Assert.Contains("With c: the processor", help);
        Assert.Contains("RAM of the arena, with nanoframework all RAM of the model, at most", help);
    }

    [Theory]
    [InlineData(1, "bytes of RAM where --max-ram allows 1024; layer ", "--max-ram", "1K")]
    [InlineData(1, "where --max-flash allows 10240; most of it is layer", "--max-flash", "10K")]
    [InlineData(1, "does not run nanoFramework. Name one of esp32", "--board", "pico")]
    [InlineData(2, "--cpu and --explain go with --to c", "--cpu", "cortex-m4")]
    [InlineData(2, "--optimize is 'fast'", "--optimize", "fast")]
    public void A_mistake_is_said(int code, string message, params string[] args) =>
        CliRun.Of(["export", lenet.Model, "--to", "nanoframework", "-o", _folder.Path("x"), .. args]).Failed(code, message);

    [Fact]
    public void Weights_for_a_slot_are_a_file_that_is_named_and_those_of_another_training_fit_the_same_program()
    {
        string app = _folder.Path("slots"), next = _folder.Path("next"), image = Path.Combine(next, "model.weights");
        CliRun run = CliRun.Of("export", lenet.Model, "--to", "nanoframework", "-o", app, "--weights", "slot");
        Assert.True(run.Code == 0, run.Errors);
        Assert.Matches("KB are the arena, [0-9]+ B numbers and tables from the slot", run.Output);
        Assert.Matches("the weights are model.weights, [0-9.]+ KB for one of two slots", run.Output);
        Assert.True(File.Exists(Path.Combine(app, "model.weights")) && File.Exists(Path.Combine(app, "FileSlots.cs")));
        Assert.Contains("nanoFramework.System.IO.FileSystem", File.ReadAllText(Path.Combine(app, "packages.config")));
        Assert.Contains("## Weights in one of two slots", File.ReadAllText(Path.Combine(app, "README.md")));
        string[] export = ["export", lenet.Model, "--to", "nanoframework", "-o", next, "--weights-version", "7", "--weights-for", app];
        CliRun fits = CliRun.Of(export);
        Assert.Matches($"wrote .*model.weights, [0-9.]+ KB: it fits the program in {app}", fits.Output);
        Assert.Equal([image], Directory.GetFiles(next, "*", SearchOption.AllDirectories));
        Assert.Equal(7, File.ReadAllBytes(image)[12]);
        string[] update = [.. export[..^4], .. export[^2..]];
        string before = Path.Combine(app, "model.weights");
        Assert.Contains($"its version is 2, {before} has 1: a board that has got a higher one since needs --weights-version", CliRun.Of(update).Output);
        Assert.Equal(2, File.ReadAllBytes(image)[12]);
        CliRun.Of([.. update, "--weights-version", "1"]).Failed(1, $"--weights-version is 1, and {before} has 1: the board would go on with that one. A higher one was expected; without the option it is 2.");
        File.WriteAllText(before, "ECWS");
        CliRun.Of(update).Failed(1, $"'{before}' is no image of weights");
        File.Delete(before);
        CliRun.Of(update).Failed(1, $"there is no model.weights in {app}, which says what version the board has; give --weights-version");
        string code = Path.Combine(app, "Model.L01_conv1.cs");
        File.WriteAllText(code, File.ReadAllText(code).Replace("PadTop = 2", "PadTop = 1", StringComparison.Ordinal));
        CliRun.Of(export).Failed(1, $"do not fit the program in {app}: line 15 of Model.L01_conv1.cs (conv1) is `");
        CliRun.Of([.. export[..^1], _folder.Path("nowhere")]).Failed(1, "nowhere' is not there; the folder of the program that the board runs was expected");
    }

    [Fact]
    public void A_kept_program_is_told_what_else_changes_with_the_weights_place()
    {
        string app = _folder.Path("moves");
        string[] export = ["export", lenet.Model, "--to", "nanoframework", "-o", app];
        Assert.Equal(0, CliRun.Of(export).Code);
        Assert.Matches("kept Program.cs.*new FileSlots.*, which throws WeightSlotException.*OutputScale and OutputZeroPoint are the object's", CliRun.Of([.. export, "--weights", "slot"]).Output);
        Assert.Matches("kept Program.cs.*new ResourceWeights.*constants of the class.*Slot, Version, Code and WeightSlotException are no more", CliRun.Of(export).Output);
    }

    [Theory]
    [InlineData("--weights-version goes with --weights slot.", "--weights-version", "2")]
    [InlineData("--interop has the weights in the native code", "--interop", "--weights", "slot")]
    [InlineData("--weights is 'slots'; slot was expected.", "--weights", "slots")]
    [InlineData("--weights-version is 'two'; it must be a whole number", "--weights", "slot", "--weights-version", "two")]
    public void A_mistake_about_slots_is_said(string message, params string[] args) =>
        CliRun.Of(["export", lenet.Model, "--to", "nanoframework", "-o", _folder.Path("x"), .. args]).Failed(2, message);

    [Fact]
    public void A_board_goes_with_nothing_else() =>
        CliRun.Of("export", lenet.Model, "--to", "c", "-o", _folder.Path("x"), "--board", "esp32").Failed(2, "--board goes with --to nanoframework");
}
