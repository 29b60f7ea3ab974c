using System.Runtime.Loader;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Nano;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using Microsoft.CodeAnalysis;

namespace EdgeConv.Tests.CodeGen.Nano;

/// <summary>A generated nanoFramework project that takes its weights from slots, compiled against the library as .NET has it.</summary>
internal sealed class NanoSlotProgram : IDisposable
{
    private readonly AssemblyLoadContext _context = new(name: null, isCollectible: true);
    private readonly Type _model, _files;

    /// <param name="project">As it was generated.</param>
    public NanoSlotProgram(NanoProject project)
    {
        byte[] image = NanoProgram.Compile(
            project.Files.Where(file => !file.Path.StartsWith("EdgeConv.Nano/", StringComparison.Ordinal)), MetadataReference.CreateFromFile(typeof(WeightSlots).Assembly.Location));
        System.Reflection.Assembly assembly = _context.LoadFromStream(new MemoryStream(image));
        (_model, _files) = (assembly.GetType("EdgeConv.Generated.Model")!, assembly.GetType("EdgeConv.Generated.FileSlots")!);
    }

    /// <summary>Slots that are files, by the class that a project has for them.</summary>
    public WeightSlots Files(string first, string second) => (WeightSlots)Activator.CreateInstance(_files, first, second, 1 << 20)!;

    /// <summary>Starts the program's model.</summary>
    /// <exception cref="WeightSlotException">No slot serves.</exception>
    public Started Start(WeightSlots slots, bool inRam = false)
    {
        try
        {
            return new Started(Activator.CreateInstance(_model, slots, inRam)!);
        }
        catch (System.Reflection.TargetInvocationException exception) when (exception.InnerException is WeightSlotException none)
        {
            throw new WeightSlotException(none.Message);
        }
    }

    public void Dispose() => _context.Unload();

    /// <summary>A model that has picked its slot.</summary>
    internal sealed class Started(object model)
    {
        private readonly Action<sbyte[], sbyte[]> _run = model.GetType().GetMethod("Run")!.CreateDelegate<Action<sbyte[], sbyte[]>>(model);

        public int Slot => (int)model.GetType().GetField("Slot")!.GetValue(model)!;

        public uint Version => (uint)model.GetType().GetField("Version")!.GetValue(model)!;

        public float OutputScale => (float)model.GetType().GetProperty("OutputScale")!.GetValue(model)!;

        public int OutputZeroPoint => (int)model.GetType().GetProperty("OutputZeroPoint")!.GetValue(model)!;

        /// <summary>Asserts that it computes what the reference does.</summary>
        public void Is(Model expected, IEnumerable<sbyte[]> inputs, string why)
        {
            using Interpreter reference = new(expected, KernelPath.Reference);
            sbyte[] right = new sbyte[expected.Output.Length], found = new sbyte[right.Length];
            foreach (sbyte[] input in inputs)
            {
                reference.Invoke(input, right);
                _run(input, found);
                Assert.True(right.AsSpan().SequenceEqual(found), $"{why}: expected {string.Join(' ', right.Take(20))}, found {string.Join(' ', found.Take(20))}");
            }

            Assert.Equal((expected.Output.Scale, expected.Output.ZeroPoint), (OutputScale, OutputZeroPoint));
        }
    }
}
