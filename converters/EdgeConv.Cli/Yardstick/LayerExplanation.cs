using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Yardstick;

/// <summary>What bounds a layer.</summary>
public enum LayerBound
{
    /// <summary>The path's multiply instruction.</summary>
    Multiply,

    /// <summary>Reading what the layer reads and writing what it writes.</summary>
    Memory,
}

/// <summary>How a layer is computed, and how near that is to what the processor could do.</summary>
/// <param name="Path">The kernel path.</param>
/// <param name="Algorithm">What the kernel does.</param>
/// <param name="Why">Why it was taken.</param>
/// <param name="MultiplyAccumulates">Of the plain rule; an algorithm may need fewer.</param>
/// <param name="GigaMacsPerSecond">Those a second, thousand million.</param>
/// <param name="BytesMoved">Input, output and weights, each once.</param>
/// <param name="Bound">The longer of the two times.</param>
/// <param name="ShareOfBound">That time over the measured one; above 1 where an algorithm multiplies less often than the plain rule.</param>
public sealed record LayerExplanation(
    string Path, string Algorithm, string Why, long MultiplyAccumulates, double GigaMacsPerSecond, long BytesMoved,
    LayerBound Bound, double ShareOfBound);

/// <summary>The two ceilings of a path on this processor, all threads together.</summary>
/// <param name="GigaMacsPerSecond">Of the multiply instruction in registers, thousand million.</param>
/// <param name="GigabytesPerSecond">Of reading as many bytes as the network's weights and activations, again and again.</param>
public sealed record Ceilings(double GigaMacsPerSecond, double GigabytesPerSecond)
{
    /// <summary>Measures both on one core and takes as many of them as there are threads.</summary>
    public static Ceilings Measure(Interpreter interpreter)
    {
        int cores = Math.Min(interpreter.Threads, Environment.ProcessorCount);
        return new Ceilings(
            cores * MultiplyCeiling.Measure(interpreter.Path) / 1e9,
            cores * ReadSpeed.Measure(interpreter.WorkingMemory.PackedBytes + interpreter.Model.ArenaBytes) / 1e9);
    }

    /// <summary>Holds a layer's time against them.</summary>
    /// <param name="interpreter">The one that was timed.</param>
    /// <param name="index">The operator.</param>
    /// <param name="microseconds">Its time.</param>
    public LayerExplanation Explain(Interpreter interpreter, int index, double microseconds)
    {
        Model model = interpreter.Model;
        ModelOperator step = model.Operators[index];
        long macs = LayerCost.Of(model, step).Macs, bytes = BytesMoved(interpreter, index);
        double multiply = macs / (GigaMacsPerSecond * 1e3), memory = bytes / (GigabytesPerSecond * 1e3);
        KernelChoice choice = interpreter.Choice(index);
        return new LayerExplanation(
            interpreter.Path.Name, choice.Algorithm, choice.Why, macs, Share(macs / 1e3, microseconds), bytes,
            multiply > memory ? LayerBound.Multiply : LayerBound.Memory, Share(Math.Max(multiply, memory), microseconds));
    }

    // The clock may be too coarse for the smallest layers.
    private static double Share(double part, double whole) => whole > 0 ? part / whole : 0;

    private static long BytesMoved(Interpreter interpreter, int index)
    {
        Model model = interpreter.Model;
        ModelOperator step = model.Operators[index];
        long packed = interpreter.OperatorMemory(index).PackedBytes;
        return (packed > 0 ? packed : LayerCost.Of(model, step).ConstantBytes) + model.Tensors[step.Output].ByteLength
            + step.Inputs.Distinct().Where(input => model.Tensors[input].Storage == TensorStorage.Arena)
                .Sum(input => (long)model.Tensors[input].ByteLength);
    }
}
