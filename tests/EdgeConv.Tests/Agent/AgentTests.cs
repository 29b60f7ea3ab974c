using EdgeConv.Agent;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Agent;

/// <summary>The agent's verbs in this process: what they print, and how they answer mistakes.</summary>
public sealed class AgentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeconv-agent-");
    private readonly string _model;

    public AgentTests() => _model = Write("brightest.ecm", BrightestPixelModel.Write());

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_picture_is_classified()
    {
        string picture = Write("p.pgm", [.. "P5 2 2 255\n"u8, 10, 204, 30, 255]);
        (int code, string output, _) = Run("run", _model, picture);
        Assert.Equal((0, $"{picture}  right  0.507"), (code, output));
    }

    [Fact]
    public void A_folder_is_classified_picture_by_picture()
    {
        Write("1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        Write("2.ppm", [.. "P6 1 1 255\n"u8, 9, 9, 9]);
        (int code, string output, _) = Run("run", _model, _folder.FullName);
        Assert.Equal(0, code);
        Assert.Equal(["left  0.576", "left  0.333"], output.Split('\n').Select(line => line[(line.IndexOf("  ", StringComparison.Ordinal) + 2)..]));
    }

    [Fact]
    public void Raw_tensors_go_in_and_out_on_every_path()
    {
        string input = Write("in.bin", [1, 2, 3, 4, 0x80, 0x7F, 0xFF, 0]);
        string output = Path.Combine(_folder.FullName, "out.bin");
        foreach (KernelPath path in KernelPath.All.Where(p => p.IsSupported))
        {
            Assert.Equal(0, Run("run", _model, "--raw", input, "--raw-out", output, "--path", path.Name).Code);
            Assert.Equal([1, 2, 3, 0x80, 0x7F, 0xFF], File.ReadAllBytes(output));
        }

        Assert.Equal(3, _folder.GetFiles().Length);
    }

    [Fact]
    public void Raw_tensors_without_an_output_file_are_answered_line_by_line()
    {
        string input = Write("in.bin", [1, 2, 3, 4, 127, 0, 0, 0]);
        (int code, string output, _) = Run("run", _model, $"--raw={input}", "--repeat", "3");
        Assert.Equal(0, code);
        Assert.StartsWith("0  below  0.335\n1  left  0.451\n", output);
        Assert.EndsWith("over 6 runs", output);
    }

    [Fact]
    public void The_self_test_passes_on_every_path()
    {
        (int code, string output, _) = Run("selftest", _model, "--path", "all");
        Assert.Equal(0, code);
        Assert.Equal(KernelPath.All.Count(p => p.IsSupported), output.Split('\n').Length);
        Assert.All(output.Split('\n'), line => Assert.EndsWith(": same bytes, 1 golden vectors, 1 layers", line));
    }

    [Fact]
    public void The_self_test_names_the_layer_that_differs()
    {
        string model = Write("spoiled.ecm", BrightestPixelModel.Write(spoiled: true));
        (int code, string output, _) = Run("selftest", model, "--path", "Reference");
        Assert.Equal((1, "Reference: DIFFERS, golden vector 0, first at layer 0, pick"), (code, output));
    }

    [Fact]
    public void Bench_times_paths_and_layers()
    {
        (int code, string output, _) = Run("bench", _model, "--path", "reference", "--threads", "2");
        Assert.Equal(0, code);
        Assert.Contains("Reference   median", output);
        Assert.Contains("pick", output);
    }

    [Fact]
    public void Paths_lists_the_whole_table()
    {
        (int code, string output, _) = Run("paths");
        Assert.Equal(0, code);
        Assert.Equal(KernelPath.All.Select(p => p.Name), output.Split('\n').Select(line => line.Split(' ')[0]));
        Assert.Single(output.Split('\n'), line => line.EndsWith("default", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, "no verb", "fly")]
    [InlineData(2, "no option of 'run'", "run", "MODEL", "--fast", "1")]
    [InlineData(2, "needs a value", "run", "MODEL", "--raw")]
    [InlineData(2, "at most 64", "bench", "MODEL", "--threads", "65")]
    [InlineData(2, "--threads 0", "run", "MODEL", "--raw", "a", "--threads", "0")]
    [InlineData(2, "given twice", "run", "MODEL", "--raw", "a", "--raw", "b")]
    [InlineData(2, "PICTURE | --camera URI is missing; expected edgeconv-agent run MODEL PICTURE", "run", "MODEL")]
    [InlineData(2, "MODEL is missing; expected edgeconv-agent selftest MODEL.", "selftest")]
    [InlineData(2, "'other' is too much; expected edgeconv-agent selftest MODEL.", "selftest", "MODEL", "other")]
    [InlineData(2, "too much", "paths", "please")]
    [InlineData(2, "--raw-out needs --raw", "run", "MODEL", "p.pgm", "--raw-out", "o")]
    [InlineData(2, "--repeat 0", "run", "MODEL", "--raw", "MODEL", "--repeat", "0")]
    [InlineData(2, "unknown kernel path 'Cray'", "run", "MODEL", "--raw", "MODEL", "--path", "Cray")]
    [InlineData(2, "unknown kernel path 'Cray'", "selftest", "MODEL", "--path", "Cray")]
    [InlineData(1, "no such file", "run", "MODEL", "missing.pgm")]
    [InlineData(1, "missing.ecm", "run", "missing.ecm", "p.pgm")]
    [InlineData(1, "missing.bin", "run", "MODEL", "--raw", "missing.bin")]
    [InlineData(1, "5 bytes; expected one or more inputs of 4 bytes (1x2x2x1 int8)", "run", "MODEL", "--raw", "FIVE")]
    [InlineData(1, "0 bytes", "run", "MODEL", "--raw", "EMPTY")]
    [InlineData(1, "nowhere", "run", "MODEL", "--raw", "FOUR", "--raw-out", "nowhere/out.bin")]
    [InlineData(1, "expected", "run", "FIVE", "--raw", "FOUR")]
    [InlineData(1, "empty: found 0 bytes", "selftest", "EMPTY")]
    [InlineData(1, "five: ", "bench", "FIVE")]
    [InlineData(1, "five: ", "run", "FIVE", "--camera", "rpicam:")]
    [InlineData(1, "no golden vectors", "selftest", "BARE")]
    [InlineData(1, "--raw", "run", "BARE", "p.pgm")]
    [InlineData(1, "not a Netpbm picture", "run", "MODEL", "FIVE")]
    public void A_mistake_is_one_line_and_an_exit_code(int expected, string message, params string[] args)
    {
        Dictionary<string, string> files = new()
        {
            ["MODEL"] = _model,
            ["FOUR"] = Write("four", [1, 2, 3, 4]),
            ["FIVE"] = Write("five", [1, 2, 3, 4, 5]),
            ["EMPTY"] = Write("empty", []),
            ["BARE"] = Write("bare.ecm", BrightestPixelModel.Write(golden: false, pictures: false)),
        };
        (int code, string output, string error) = Run([.. args.Select(arg => files.GetValueOrDefault(arg, arg))]);
        Assert.Equal(expected, code);
        Assert.Empty(output);
        Assert.StartsWith("edgeconv-agent: ", error);
        Assert.Contains(message, error);
        Assert.Equal(expected == 2 ? 2 : 1, error.Split('\n').Length);
    }

    [Fact]
    public void A_failed_run_leaves_no_output_behind()
    {
        string output = Path.Combine(_folder.FullName, "out.bin");
        Assert.Equal(1, Run("run", _model, "--raw", Write("five", [1, 2, 3, 4, 5]), "--raw-out", output).Code);
        Assert.Equal(["brightest.ecm", "five"], _folder.GetFiles().Select(f => f.Name).Order());
    }

    [Fact]
    public void Help_names_every_verb()
    {
        (int code, string output, _) = Run("--help");
        Assert.Equal(0, code);
        Assert.All(["run MODEL", "selftest MODEL", "bench MODEL", "paths", "Example:"], word => Assert.Contains(word, output));
        Assert.Equal(2, Run().Code);
    }

    [Theory]
    [InlineData("run", "--threads N", "URI: v4l2:")]
    [InlineData("check", "check --config FILE")]
    [InlineData("install", "--scope user")]
    [InlineData("uninstall", "take the unit away")]
    [InlineData("safe", "safe --config FILE")]
    [InlineData("cameras", "video devices")]
    [InlineData("selftest", "--path NAME")]
    [InlineData("bench", "--threads N")]
    [InlineData("paths", "kernel paths")]
    public void Help_of_a_verb_is_of_that_verb_alone_with_an_example(string verb, params string[] words)
    {
        (int code, string output, _) = Run(verb, "--help");
        Assert.Equal(0, code);
        Assert.All([.. words, "Exit code: 0 done", $"edgeconv-agent {verb} "], word => Assert.Contains(word, output + " "));
        string[] lines = output.Split('\n');
        Assert.Matches($"^Example: (sudo )?edgeconv-agent {verb}( |$)", Assert.Single(lines, line => line.StartsWith("Example: ", StringComparison.Ordinal)));
        Assert.All(lines.Where(line => line.StartsWith("  edgeconv-agent ", StringComparison.Ordinal)), line => Assert.StartsWith($"  edgeconv-agent {verb}", line));
        Assert.Contains($"See edgeconv-agent {verb} --help.", Run(verb, "--no-such-option").Error);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" };
        StringWriter error = new() { NewLine = "\n" };
        int code = AgentProgram.Run(args, output, error);
        return (code, output.ToString().TrimEnd('\n'), error.ToString().TrimEnd('\n'));
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
