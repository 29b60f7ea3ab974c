using System.Collections;
using System.Reflection;
using System.Resources;
using System.Runtime.Loader;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;
using EdgeConv.Tests.Firmware.Legality;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace EdgeConv.Tests.CodeGen.Nano;

/// <summary>A generated nanoFramework project compiled and run on .NET: one more kernel path.</summary>
internal sealed class NanoProgram : IDisposable
{
    // What stands in for the resource in flash.
    private const string ArrayWeights = """
        public sealed class ArrayWeights : EdgeConv.Nano.WeightSource
        {
            private readonly byte[] _bytes;
            public ArrayWeights(byte[] bytes) { _bytes = bytes; }
            public override byte[] Read(int offset, int count)
            {
                byte[] part = new byte[count];
                System.Array.Copy(_bytes, offset, part, 0, count);
                return part;
            }
        }
        """;

    private static readonly MetadataReference[] _references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll").Select(path => MetadataReference.CreateFromFile(path))];

    private readonly NanoContext _context = new();

    /// <param name="project">As it was generated.</param>
    /// <param name="files">Its files, where they were changed.</param>
    public NanoProgram(NanoProject project, IReadOnlyList<CodeFile>? files = null)
        : this(Compile(files ?? project.Files), WeightsOf(project.Files.FirstOrDefault(file => file.Path == "Weights.resources")?.Binary), null)
    {
    }

    private NanoProgram(byte[] image, byte[] weights, byte[]? source)
    {
        Image = image;
        Weights = weights;
        System.Reflection.Assembly assembly = _context.LoadFromStream(new MemoryStream(image));
        System.Reflection.Assembly besides = source is null ? assembly : _context.LoadFromStream(new MemoryStream(source));
        Type type = assembly.GetType("EdgeConv.Generated.Model")!;
        object model = Activator.CreateInstance(type, Activator.CreateInstance(besides.GetType("ArrayWeights")!, Weights))!;
        Run = type.GetMethod("Run")!.CreateDelegate<Action<sbyte[], sbyte[]>>(model);
        SelfTest = type.GetMethod("SelfTest")!.CreateDelegate<Func<sbyte[], int>>(model);
    }

    /// <summary>One that was compiled against nanoFramework's mscorlib: .NET's own stands in for that.</summary>
    /// <param name="image">The assembly.</param>
    /// <param name="resources">Its weights' resource, where it has one.</param>
    /// <param name="mscorlib">Path of nanoFramework's.</param>
    public static NanoProgram OfNano(byte[] image, byte[]? resources, string mscorlib)
    {
        using MemoryStream source = NanoCompiler.ForNano("ArrayWeights", [ArrayWeights], MetadataReference.CreateFromFile(mscorlib), MetadataReference.CreateFromImage(image));
        return new NanoProgram(image, WeightsOf(resources), source.ToArray());
    }

    /// <summary>The compiled assembly.</summary>
    public byte[] Image { get; }

    /// <summary>What the resource holds.</summary>
    public byte[] Weights { get; }

    /// <summary>Input to output.</summary>
    public Action<sbyte[], sbyte[]> Run { get; }

    /// <summary>The golden vector: 0, or the first layer that is wrong.</summary>
    public Func<sbyte[], int> SelfTest { get; }

    public void Dispose() => _context.Unload();

    /// <summary>Compiles what does not need a device.</summary>
    /// <param name="files">Of a project.</param>
    /// <param name="references">Beside .NET's own.</param>
    public static byte[] Compile(IEnumerable<CodeFile> files, params IEnumerable<MetadataReference> references)
    {
        CSharpParseOptions options = new(LanguageVersion.CSharp9);
        IEnumerable<SyntaxTree> trees = files
            .Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal) && file.Path is not ("Program.cs" or "ResourceWeights.cs" or "Properties/AssemblyInfo.cs"))
            .Select(file => CSharpSyntaxTree.ParseText(file.Text, options, file.Path)).Append(CSharpSyntaxTree.ParseText(ArrayWeights, options));
        CSharpCompilation compilation = CSharpCompilation.Create(
            "generated", trees, _references.Concat(references), new(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, deterministic: true));
        MemoryStream image = new();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5)));
        return image.ToArray();
    }

    /// <summary>What nanoFramework 1.17 does not run in it.</summary>
    public IReadOnlyList<string> Problems() => NanoLegality.Problems(new MemoryStream(Image));

    /// <summary>Compares the output with the reference's for some inputs.</summary>
    public void Check(Model model, IEnumerable<sbyte[]> inputs, string what)
    {
        using Interpreter reference = new(model, EdgeConv.Runtime.Kernels.KernelPath.Reference);
        sbyte[] expected = new sbyte[model.Output.Length], found = new sbyte[model.Output.Length];
        foreach (sbyte[] input in inputs)
        {
            reference.Invoke(input, expected);
            Run(input, found);
            Assert.True(expected.AsSpan().SequenceEqual(found), $"{what}: expected {string.Join(' ', expected.Take(20))}, found {string.Join(' ', found.Take(20))}");
        }
    }

    private static byte[] WeightsOf(byte[]? resources)
    {
        if (resources is null)
        {
            return [];
        }

        using ResourceReader reader = new(new MemoryStream(resources));
        return (byte[])reader.Cast<DictionaryEntry>().Single().Value!;
    }

    private sealed class NanoContext() : AssemblyLoadContext(name: null, isCollectible: true)
    {
        protected override System.Reflection.Assembly? Load(AssemblyName name) => name.Name == "mscorlib" ? Default.LoadFromAssemblyName(new AssemblyName("mscorlib")) : null;
    }
}
