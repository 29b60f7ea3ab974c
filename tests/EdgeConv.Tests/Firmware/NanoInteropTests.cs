using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;
using EdgeConv.Tests.Cli;
using EdgeConv.Tests.CodeGen;
using EdgeConv.Tests.Firmware.Legality;
using Microsoft.CodeAnalysis;

namespace EdgeConv.Tests.Firmware;

/// <summary>A model as native methods of a nanoFramework image: the stub and the C compile, run, and give the reference's bytes.</summary>
public sealed class NanoInteropTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Fact]
    public void The_checksum_is_the_one_that_nanoFrameworks_metadata_processor_writes() =>
        // read from an assembly that version 3 of it made of these two methods
        Assert.Equal(0x5D76D77Bu, NativeChecksum.Of(
            "EdgeConv.Interop.Model", "EdgeConv_Interop_Model_NativeModel",
            [NativeChecksum.Method("Run", "VOID", "SZARRAY_I1", "SZARRAY_I1"), NativeChecksum.Method("SelfTest", "I4")]));

    [Fact]
    public void Everything_lies_where_nf_interpreter_looks_for_it_and_twice_is_the_same()
    {
        using Model model = Model.Open(lenet.Model);
        IReadOnlyList<CodeFile> files = NanoInterop.Write(model, "digits");
        Assert.Equal(files, NanoInterop.Write(model, "digits"));
        Assert.Superset(
            new HashSet<string>
            {
                "CMake/Modules/FindINTEROP-EdgeConv.Interop.Digits.cmake", "InteropAssemblies/EdgeConv.Interop.Digits/edgeconv_interop_digits.cpp",
                "InteropAssemblies/EdgeConv.Interop.Digits/digits.c", "InteropAssemblies/EdgeConv.Interop.Digits/digits.h",
                "InteropAssemblies/EdgeConv.Interop.Digits/edgeconv_math.h", "EdgeConv.Interop.Digits/NativeModel.cs", "README.md",
            },
            files.Select(file => file.Path).ToHashSet());
        string module = files.Single(file => file.Path.EndsWith(".cmake", StringComparison.Ordinal)).Text;
        Assert.All((string[])["EdgeConv.Interop.Digits_SOURCES", "EdgeConv.Interop.Digits_INCLUDE_DIRS", "edgeconv_interop_digits.cpp", "digits.c"], word => Assert.Contains(word, module));
    }

    [Fact]
    public void The_export_writes_it_beside_the_managed_application()
    {
        using TemporaryFolder folder = new();
        CliRun export = CliRun.Of("export", lenet.Model, "--to", "nanoframework", "--interop", "-o", folder.Root);
        Assert.True(export.Code == 0, export.Errors);
        Assert.Contains("interop", export.Output);
        Assert.True(File.Exists(folder.Path("interop", "CMake", "Modules", "FindINTEROP-EdgeConv.Interop.Model.cmake")));
        Assert.True(File.Exists(folder.Path("interop", "InteropAssemblies", "EdgeConv.Interop.Model", "model.c")));
        Assert.True(File.Exists(folder.Path("Model.cs")));
        CliRun.Of("export", lenet.Model, "--to", "c", "--interop", "-o", folder.Path("c")).Failed(2, "--interop goes with --to nanoframework");
    }

    [Fact]
    public void The_managed_class_is_legal_and_compiles_against_nanoFrameworks_mscorlib()
    {
        using Model model = Model.Open(lenet.Model);
        string[] sources = [.. NanoInterop.Write(model).Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(file => file.Text)];
        using MemoryStream assembly = NanoCompiler.ForNano("EdgeConv.Interop.Model", sources, MetadataReference.CreateFromFile(NanoCoreLibrary.Need()));
        Assert.Empty(NanoLegality.Problems(assembly));
    }

    [Fact]
    public void Called_through_the_runtimes_table_LeNet_gives_the_references_bytes()
    {
        using Model model = Model.Open(lenet.Model);
        Run(model);
    }

    [Fact]
    public void So_does_a_network_of_every_kind_of_layer()
    {
        using Model model = Model.Load(RandomNetwork.WithEveryKind(1));
        Run(model);
    }

    [Fact]
    public void It_compiles_with_the_runtimes_own_headers()
    {
        const string Variable = "EDGECONV_NF_INTERPRETER";
        string? checkout = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(checkout is null, $"{Variable} names no checkout of nanoFramework's nf-interpreter");
        using Model model = Model.Open(lenet.Model);
        using TemporaryFolder folder = new();
        Write(model, folder);
        string[] includes = [.. ((string[])["targets/posix/nanoCLR", "targets/posix/Include", "src/CLR/Include", "src/CLR/Core", "src/HAL/Include", "src/PAL/Include"])
            .Select(path => $"-I{Path.Combine(checkout!, path)}")];
        Tool("g++", folder, ["-std=c++20", "-fsyntax-only", "-DPLATFORM_POSIX_HOST=1", .. includes, folder.Path("edgeconv_interop_model.cpp")]);
    }

    private static void Run(Model model)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "compiled with GCC");
        using TemporaryFolder folder = new();
        Write(model, folder);
        string program = folder.Path("program");
        Tool("gcc", folder, ["-std=c99", "-O1", "-Wall", "-Werror", "-c", folder.Path("model.c"), "-o", folder.Path("model.o")]);
        Tool("g++", folder,
            [
                "-std=c++11", "-Wall", "-Wextra", "-Werror", $"-I{RepositoryFolder.Path("tests", "EdgeConv.Tests", "Firmware", "Interop")}",
                "-DASSEMBLY=g_CLR_AssemblyNative_EdgeConv_Interop_Model", $"-DINPUT_BYTES={model.Input.ByteLength}", $"-DOUTPUT_BYTES={model.Output.ByteLength}",
                $"-DINPUT_ELEMENTS={model.Input.Length}", $"-DOUTPUT_ELEMENTS={model.Output.Length}",
                RepositoryFolder.Path("tests", "EdgeConv.Tests", "Firmware", "Interop", "call.cpp"), folder.Path("edgeconv_interop_model.cpp"), folder.Path("model.o"), "-o", program,
            ]);
        sbyte[] inputs = new sbyte[4 * model.Input.ByteLength];
        new Random(7).NextBytes(MemoryMarshal.AsBytes(inputs.AsSpan()));
        byte[] outputs = Outputs(program, inputs, out string said);
        Assert.StartsWith("EdgeConv.Interop.Model ", said);
        Assert.EndsWith(model.GoldenVectors.Count > 0 ? " 0" : " -1", said);
        Assert.Equal(Expected(model, inputs), MemoryMarshal.Cast<byte, sbyte>(outputs));
    }

    private static sbyte[] Expected(Model model, sbyte[] inputs)
    {
        int length = model.Output.ByteLength;
        sbyte[] expected = new sbyte[inputs.Length / model.Input.ByteLength * length];
        using Interpreter reference = new(model, Runtime.Kernels.KernelPath.Reference);
        for (int i = 0; i < expected.Length / length; i++)
        {
            reference.Invoke(inputs.AsSpan(i * model.Input.ByteLength, model.Input.ByteLength), expected.AsSpan(i * length, length));
        }

        return expected;
    }

    private static void Write(Model model, TemporaryFolder folder)
    {
        foreach (CodeFile file in NanoInterop.Write(model).Where(file => file.Path.StartsWith("InteropAssemblies/", StringComparison.Ordinal)))
        {
            File.WriteAllText(folder.Path(Path.GetFileName(file.Path)), file.Text);
        }
    }

    private static byte[] Outputs(string program, sbyte[] inputs, out string said)
    {
        using Process process = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using (Stream input = process.StandardInput.BaseStream)
        {
            input.Write(MemoryMarshal.AsBytes(inputs.AsSpan()));
        }

        using MemoryStream outputs = new();
        process.StandardOutput.BaseStream.CopyTo(outputs);
        process.WaitForExit();
        said = errors.Result;
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {said}");
        return outputs.ToArray();
    }

    private static void Tool(string name, TemporaryFolder folder, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true, WorkingDirectory = folder.Root })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }
}
