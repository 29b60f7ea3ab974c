using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeConv.Cli.Emulation;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Tests;

namespace EdgeConv.Tests.CodeGen;

/// <summary>One C program out of many generated models, which prints a hash of every layer of each.</summary>
internal sealed class CProgram(TemporaryFolder folder)
{
    private readonly StringBuilder _main = new("""
        #include <stdint.h>
        #include "edgeconv_math.h"
        static void say(const char *name);
        static void report(int32_t layer, uint32_t hash);
        #define EDGECONV_TRACE(layer, bytes, length) report(layer, edgeconv_crc(bytes, length))

        """);

    private const string OfAHost = """
        #include <stdio.h>
        static void say(const char *name) { puts(name); }
        static void report(int32_t layer, uint32_t hash) { printf("%d %08x\n", (int)layer, (unsigned)hash); }
        #define END

        """;

    // Without a library: lines are gathered here and written to a file of the host.
    private const string OfABoard = """
        #include "semihosting.h"
        static char lines[200000];
        static int32_t written;
        static void say(const char *name) { while (*name != 0) { lines[written++] = *name++; } lines[written++] = '\n'; }
        static void report(int32_t layer, uint32_t hash)
        {
            if (layer >= 10) { lines[written++] = (char)('0' + layer / 10); }
            lines[written++] = (char)('0' + layer % 10);
            lines[written++] = ' ';
            for (int32_t i = 28; i >= 0; i -= 4) { lines[written++] = "0123456789abcdef"[(hash >> i) & 15u]; }
            lines[written++] = '\n';
        }
        #define END if (host_write(host_open("lines.txt", HOST_WRITE), lines, (int)written) != (int)written) { return 3; }

        """;

    private readonly List<string> _calls = [];
    private readonly List<string> _expected = [];
    private readonly Dictionary<string, IReadOnlyList<ModelOperator>> _operators = [];

    /// <summary>Adds a model with inputs.</summary>
    public void Add(Model model, params sbyte[][] inputs) => Add(model, null, inputs);

    /// <summary>Adds a model with inputs, generated for a goal.</summary>
    public void Add(Model model, CGoal? goal, params sbyte[][] inputs)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"m{_calls.Count}");
        foreach (CodeFile file in CExport.Write(model, name, goal).Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)))
        {
            folder.Write(file.Path, Encoding.UTF8.GetBytes(file.Text));
        }

        _main.AppendLine(CultureInfo.InvariantCulture, $"#include \"{name}.c\"");
        _expected.Add(name);
        _operators.Add(name, model.Operators);
        StringBuilder call = new();
        foreach (sbyte[] input in inputs)
        {
            string values = model.Input.Type == ElementType.Int16 ? string.Join(',', TestModel.Words(input)) : string.Join(',', input);
            string macro = name.ToUpperInvariant();
            call.AppendLine(CultureInfo.InvariantCulture,
                $"    {{ static const {macro}_INPUT_TYPE x[] = {{ {values} }}; static {macro}_OUTPUT_TYPE y[{macro}_OUTPUT_LENGTH]; {name}_run(x, y); }}");
            _expected.AddRange(Hashes(model, input));
        }

        _calls.Add($"    say(\"{name}\");\n    {name}_init();\n{call}");
    }

    /// <summary>Compiles, runs, and compares line by line: the portable code, and that for the DSP and the vector extension with their instructions in C.</summary>
    public void Check(string compiler, params string[] options)
    {
        string source = Write(OfAHost, "host.c");
        string[][] kinds = [[], ["-DEDGECONV_DSP=1"], ["-DEDGECONV_DSP=1", "-DEDGECONV_MVE=1"]];
        Parallel.For(0, kinds.Length, i => CheckOne(source, $"program{i}", compiler, [.. kinds[i], .. options]));
    }

    /// <summary>The same on an emulated microcontroller.</summary>
    public void CheckOn(string cpu)
    {
        string files = folder.Path($"on-{cpu}");
        Directory.CreateDirectory(files);
        string program = Path.Combine(files, "program.elf");
        EmulatedMcu mcu = EmulatedMcu.Open(cpu, CancellationToken.None);
        mcu.Link([Write(OfABoard, "board.c"), "-nostdlib", .. EmulatedMcu.ModelFlags, $"-I{folder.Path("src")}"], program, CancellationToken.None);
        mcu.Emulate(program, ["-icount", "shift=0"], CancellationToken.None);
        Compare(File.ReadAllText(Path.Combine(files, "lines.txt")), cpu);
    }

    private string Write(string surroundings, string file) => folder.Write(
        $"src/{file}", Encoding.UTF8.GetBytes($"{_main}{surroundings}\nint main(void)\n{{\n{string.Join('\n', _calls)}    END\n    return 0;\n}}\n"));

    /// <summary>The model of a line, and its layer.</summary>
    private string What(int line)
    {
        string model = _expected.Take(line + 1).Last(text => text[0] == 'm');
        return $"{model}: {_operators[model].ElementAtOrDefault(_expected[line][0] == 'm' ? 0 : int.Parse(_expected[line].Split(' ')[0], CultureInfo.InvariantCulture))}";
    }

    private void CheckOne(string source, string name, string compiler, string[] options)
    {
        string program = folder.Path(name);
        Run(compiler, [.. options, "-o", program, source]);
        Compare(Run(program), string.Join(' ', [compiler, .. options]));
    }

    private void Compare(string output, string where)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < _expected.Count; i++)
        {
            Assert.True(i < lines.Length && lines[i] == _expected[i], $"{where}, line {i} of {_expected.Count}: {(i < lines.Length ? lines[i] : "none")}, "
                + $"expected {_expected[i]}, in {What(i)}");
        }

        Assert.Equal(_expected.Count, lines.Length);
    }

    /// <summary>Whether a program is on the PATH.</summary>
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program that must end well.</summary>
    public static string Run(string program, params string[] arguments) => RunIn(Environment.CurrentDirectory, program, arguments);

    /// <summary>Runs a program in a folder.</summary>
    public static string RunIn(string folder, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {errors.Result[..Math.Min(errors.Result.Length, 4000)]}");
        return output;
    }

    private static IEnumerable<string> Hashes(Model model, sbyte[] input)
    {
        using Interpreter interpreter = new(model, KernelPath.Reference);
        interpreter.SetInput(input);
        for (int i = 0; i < model.Operators.Count; i++)
        {
            interpreter.RunOperator(i);
            uint hash = SelfTest.Hash(interpreter.Activation(model.Operators[i].Output));
            yield return string.Create(CultureInfo.InvariantCulture, $"{i} {hash:x8}");
        }
    }
}
