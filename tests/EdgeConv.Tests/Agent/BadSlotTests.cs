using System.Text;
using EdgeConv.Agent;
using EdgeConv.Devices.Updating;
using EdgeConv.Tests.Devices.Updating;

namespace EdgeConv.Tests.Agent;

/// <summary>Slots that went bad do not stop a board that has a model beside them.</summary>
public sealed class BadSlotTests : IDisposable
{
    private static readonly string[] _faults = ["empty", "zeroed", "random", "missing", "a folder", "another model", "another package"];

    private readonly SigningBench _bench = new();

    public BadSlotTests()
    {
        byte[] model = BrightestPixelModel.Write();
        _bench.File("model.ecm", model);
        _bench.File("model.ecm.sig", PackageWriter.Head(PackageWriter.Describe(model, new SigningOptions(1)), _bench.Key));
        _bench.File("frames/0.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        for (int version = 1; version <= 2; version++)
        {
            _bench.Slots.Confirm(_bench.Bring(_bench.Package(version)).Manifest!.ModelHash);
        }
    }

    public static TheoryData<string, bool> Faults =>
        [.. _faults.SelectMany(fault => new[] { true, false }.Select(hasKey => new TheoryDataRow<string, bool>(fault, hasKey)))];

    public void Dispose() => _bench.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public void Bad_slots_give_way_one_after_the_other_and_at_last_to_the_named_model(string fault, bool hasKey)
    {
        string config = Config(hasKey);
        for (int slot = 2; slot >= 1; slot--)
        {
            Break(_bench.Slots.CurrentFile!, fault);
            Assert.Equal((0, ""), Ends("check", "--config", config));
            (int code, string output, string error) = Watch(config);
            Assert.Equal((0, ""), (code, error));
            Assert.Contains($"update: model{slot} {slot} does not open, the one before takes its place: ", output, StringComparison.Ordinal);
            Assert.Equal(slot == 2 ? 1 : null, _bench.Slots.Status().Current?.Version);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_state_that_cannot_be_read_is_said_and_the_named_model_runs(bool hasKey)
    {
        string state = _bench.File("slots/state", "edgeconv-slots 1\nstate"u8.ToArray());
        Assert.Equal((0, ""), Ends("check", "--config", Config(hasKey)));
        (int code, string output, string error) = Watch(Config(hasKey));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"update: the configuration's model runs instead of the slots: {state} is damaged.", output, StringComparison.Ordinal);

        (code, _, error) = Watch(Config(hasKey, model: false));
        Assert.Equal(1, code);
        Assert.Contains($"{state} is damaged. Take it away to begin anew", error, StringComparison.Ordinal);
    }

    private void Break(string slot, string fault)
    {
        byte[] bytes = File.ReadAllBytes(slot);
        switch (fault)
        {
            case "empty":
                bytes = [];
                break;
            case "zeroed":
                bytes.AsSpan().Clear();
                break;
            case "random":
                new Random(1).NextBytes(bytes);
                break;
            case "another model":
                bytes = SigningBench.Model(3);
                break;
            case "another package":
                bytes = _bench.Package(3);
                break;
            default:
                File.Delete(slot);
                if (fault == "a folder")
                {
                    Directory.CreateDirectory(slot);
                }

                return;
        }

        File.WriteAllBytes(slot, bytes);
    }

    private string Config(bool hasKey, bool model = true) => _bench.File("agent.toml", Encoding.UTF8.GetBytes(
        (model ? "model = \"model.ecm\"\n" : "") + "[update]\nslots = \"slots\"\n" + (hasKey ? "key = \"k.pub.pem\"\n" : "")));

    private (int Code, string Output, string Error) Watch(string config) =>
        Run("run", "--config", config, "--camera", $"folder:{_bench.Path("frames")}?fps=100", "--frames", "1");

    private static (int Code, string Error) Ends(params string[] args) => Run(args) is var (code, _, error) ? (code, error) : default;

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = AgentProgram.Run(args, TextWriter.Synchronized(output), TextWriter.Synchronized(error));
        return (code, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }
}
