using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.TfLite;

/// <summary>What every activation of a model holds, right after it was computed.</summary>
internal static class LayerRun
{
    public static Dictionary<string, byte[]> Of(Model model, ReadOnlySpan<byte> input, KernelPath path)
    {
        Dictionary<string, byte[]> activations = [];
        using var interpreter = new Interpreter(model, path);
        interpreter.SetInput(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, sbyte>(input));
        for (int i = 0; i < model.Operators.Count; i++)
        {
            interpreter.RunOperator(i);
            int output = model.Operators[i].Output;
            activations[model.Tensors[output].Name] = [.. interpreter.Activation(output).ToArray().Select(b => (byte)b)];
        }

        return activations;
    }
}
