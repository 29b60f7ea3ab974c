using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.CodeGen;

/// <summary>One C program out of many generated models, which prints a hash of every layer of each.</summary>
internal sealed class CProgram(TemporaryFolder folder)
{
    private readonly StringBuilder _main = new("""
        #include <stdio.h>
        #include <stdint.h>
        #include "edgeconv_math.h"
        #define EDGECONV_TRACE(layer, bytes, length) printf("%d %08x\n", (int)(layer), (unsigned)edgeconv_crc(bytes, length))

        """);

    private readonly List<string> _calls = [];
    private readonly List<string> _expected = [];

    /// <summary>Adds a model with inputs.</summary>
    public void Add(Model model, params sbyte[][] inputs)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"m{_calls.Count}");
        foreach (CodeFile file in CExport.Write(model, name).Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)))
        {
            folder.Write(file.Path, Encoding.UTF8.GetBytes(file.Text));
        }

        _main.AppendLine(CultureInfo.InvariantCulture, $"#include \"{name}.c\"");
        StringBuilder call = new();
        foreach (sbyte[] input in inputs)
        {
            call.AppendLine(CultureInfo.InvariantCulture,
                $"    {{ static const int8_t x[] = {{ {string.Join(',', input)} }}; static int8_t y[{model.Output.Length}]; {name}_run(x, y); }}");
            _expected.AddRange(Hashes(model, input));
        }

        _calls.Add($"    puts(\"{name}\");\n    {name}_init();\n{call}");
        _expected.Insert(_expected.Count - inputs.Length * model.Operators.Count, name);
    }

    /// <summary>Compiles, runs, and compares line by line: the portable code, and that for the DSP and the vector extension with their instructions in C.</summary>
    public void Check(string compiler, params string[] options)
    {
        string main = $"{_main}\nint main(void)\n{{\n{string.Join('\n', _calls)}    return 0;\n}}\n";
        string source = folder.Write("src/main.c", Encoding.UTF8.GetBytes(main));
        CheckOne(source, compiler, options);
        CheckOne(source, compiler, ["-DEDGECONV_DSP=1", .. options]);
        CheckOne(source, compiler, ["-DEDGECONV_DSP=1", "-DEDGECONV_MVE=1", .. options]);
    }

    private void CheckOne(string source, string compiler, string[] options)
    {
        string program = folder.Path("program");
        Run(compiler, [.. options, "-o", program, source]);
        string[] lines = Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < _expected.Count; i++)
        {
            Assert.True(i < lines.Length && lines[i] == _expected[i], $"line {i} of {_expected.Count}: {(i < lines.Length ? lines[i] : "none")}, "
                + $"expected {_expected[i]}, in {_expected.Take(i + 1).Last(line => line[0] == 'm')}");
        }

        Assert.Equal(_expected.Count, lines.Length);
    }

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
