using System.Runtime.InteropServices;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime;

/// <summary>Where a device's answer first left the expected one.</summary>
/// <param name="GoldenVector">Index of the golden vector.</param>
/// <param name="Operator">Index of the first operator whose output hash differs.</param>
/// <param name="OperatorName">Its name.</param>
public sealed record Divergence(int GoldenVector, int Operator, string OperatorName);

/// <summary>Runs a model's golden vectors and compares layer by layer.</summary>
public static class SelfTest
{
    /// <summary>Null when every layer of every golden vector gave the expected bytes.</summary>
    public static Divergence? Run(Model model, KernelPath path)
    {
        using var interpreter = new Interpreter(model, path);
        for (int g = 0; g < model.GoldenVectors.Count; g++)
        {
            GoldenVector golden = model.GoldenVectors[g];
            interpreter.SetInput(golden.Input.Span);
            for (int i = 0; i < model.Operators.Count; i++)
            {
                ModelOperator op = model.Operators[i];
                interpreter.RunOperator(i);
                ReadOnlySpan<sbyte> found = interpreter.Activation(op.Output);
                bool isOutput = op.Output == model.OutputTensor;
                if (Hash(found) != golden.LayerHashes[i] || (isOutput && !found.SequenceEqual(golden.Output.Span)))
                {
                    return new Divergence(g, i, op.Name);
                }
            }
        }

        return null;
    }

    /// <summary>What a golden vector should say for this input, by the reference kernels.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">int8 bytes of the input tensor.</param>
    /// <param name="done">Told after each operator; what it throws ends the work. The plain loops take minutes for the largest networks.</param>
    public static GoldenVector Record(Model model, ReadOnlySpan<sbyte> input, Action<int>? done = null)
    {
        using var interpreter = new Interpreter(model, KernelPath.Reference);
        uint[] hashes = new uint[model.Operators.Count];
        interpreter.SetInput(input);
        for (int i = 0; i < hashes.Length; i++)
        {
            interpreter.RunOperator(i);
            hashes[i] = Hash(interpreter.Activation(model.Operators[i].Output));
            done?.Invoke(i);
        }

        // The output keeps its bytes to the end.
        return new GoldenVector(input.ToArray(), interpreter.Activation(model.OutputTensor).ToArray(), hashes);
    }

    /// <summary>CRC-32C of a layer's output bytes.</summary>
    public static uint Hash(ReadOnlySpan<sbyte> activation) => Crc32C.Compute(MemoryMarshal.AsBytes(activation));
}
