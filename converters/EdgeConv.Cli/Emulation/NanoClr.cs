using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Verification;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Emulation;

/// <summary>nanoFramework's own runtime on this machine, which runs the C# generated for a model as a microcontroller does.</summary>
internal sealed class NanoClr
{
    /// <summary>The target's name.</summary>
    public const string Name = "nanoclr";

    /// <summary>What the paths' column says of it.</summary>
    public const string PathName = "C#nano";

    // A naive loop takes 100 ns a multiply-add on a PC; what takes five times that is not going to end.
    private const double SecondsAMac = 500e-9;
    private const string Program = "EdgeConvVerify";

    private static readonly TimeSpan _leastPatience = TimeSpan.FromSeconds(60);

    private readonly NanoTools _tools;
    private readonly string _main;

    private NanoClr(NanoTools tools, string main) => (_tools, _main) = (tools, main);

    /// <summary>Finds the runtime and what it needs.</summary>
    /// <exception cref="UsageException">Something is missing; the message says what was looked for and what to set.</exception>
    public static NanoClr Open()
    {
        string main = Path.Combine(Kit.Root() ?? throw new UsageException(
            $"{Name} runs the program in firmware/nanoframework of the EdgeConv checkout, and this program was not built in one. Run it from a checkout."),
            "firmware", "nanoframework", "nanoclr", "Program.cs");
        return new NanoClr(NanoTools.Find(Environment.GetEnvironmentVariable), main);
    }

    /// <summary>Generates, compiles, runs on some inputs, and compares the outputs' bytes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Inputs to run.</param>
    /// <param name="host">Has the reference's outputs for them.</param>
    /// <param name="cancel">Ends whatever runs.</param>
    /// <param name="goal">What the code is to be best at.</param>
    /// <exception cref="FailureException">The model has no form in that C#, or it does not compile.</exception>
    public PathResult Verify(Model model, ParityInputs inputs, HostParity host, CancellationToken cancel, NanoGoal goal) =>
        Verify(NanoBuild.Export(model, goal), model, inputs, host, cancel);

    /// <summary>The same with an application that was generated before.</summary>
    /// <param name="files">All of it; its own Main is left out.</param>
    /// <param name="model">The model that it was made from.</param>
    /// <param name="inputs">Inputs to run.</param>
    /// <param name="host">Has the reference's outputs for them.</param>
    /// <param name="cancel">Ends whatever runs.</param>
    /// <exception cref="FailureException">It does not compile.</exception>
    public PathResult Verify(IReadOnlyList<CodeFile> files, Model model, ParityInputs inputs, HostParity host, CancellationToken cancel)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using TemporaryFolder folder = new();
        NanoBuild build = Build(files, inputs, folder, cancel);
        double macs = model.Operators.Sum(op => (double)LayerCost.Of(model, op).Macs) * inputs.Count;
        TimeSpan limit = _leastPatience + TimeSpan.FromSeconds(macs * SecondsAMac);
        string? problem = NanoRun.Problem(_tools, build.PeFiles(Program), [.. Outputs(model, inputs, host)], limit, cancel);
        return new PathResult(Name, PathName, inputs.Count, problem, watch.Elapsed.TotalSeconds);
    }

    private NanoBuild Build(IReadOnlyList<CodeFile> files, ParityInputs inputs, TemporaryFolder folder, CancellationToken cancel)
    {
        NanoBuild build = new(_tools, folder, cancel);
        IReadOnlyList<(string Assembly, string Text)> parts = NanoInputs.Parts(inputs.Bytes.AsSpan(0, inputs.Count * inputs.Length));
        foreach ((string assembly, string text) in parts)
        {
            build.Build(assembly, isProgram: false, [build.Write($"{assembly}.cs", text)]);
        }

        // The project's own Main waits for a camera or sleeps for ever, and its slots are files, which there are none of here.
        byte[]? image = files.FirstOrDefault(file => file.Path == NanoProject.ImageFile)?.Binary;
        NanoSources sources = build.Place([.. files.Where(file => file.Path is not (NanoProject.ProgramFile or NanoProject.SlotsFile or NanoProject.ImageFile))]);
        string model = image is not null ? "new EdgeConv.Generated.Model(ImageSlots.Make(), false)"
            : $"new EdgeConv.Generated.Model({(sources.Resources.Count > 0 ? "new EdgeConv.Generated.ResourceWeights()" : "null")})";
        string index = NanoInputs.Index(inputs.Count, parts.Count, model);
        string[] slots = image is null ? [] : [Path.Combine(Path.GetDirectoryName(_main)!, "..", "EdgeConv.Nano", "MemorySlots.cs"), build.Write("ImageSlots.cs", NanoInputs.Slots(image))];
        build.Build(Program, isProgram: true, [_main, build.Write("InputParts.cs", index), .. slots, .. sources.Code], sources.Resources);
        return build;
    }

    private static IEnumerable<byte[]> Outputs(Model model, ParityInputs inputs, HostParity host)
    {
        int length = model.Output.ByteLength;
        return Enumerable.Range(0, inputs.Count).Select(i => MemoryMarshal.AsBytes(host.Expected.AsSpan(i * length, length)).ToArray());
    }
}
