using System.Diagnostics;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Verification;

/// <summary>Compares every kernel path of this machine with the reference, byte by byte.</summary>
internal sealed class HostParity(Model model, ParityInputs inputs, Terminal terminal, CancellationToken cancel)
{
    private readonly int _outputLength = model.Output.ByteLength;
    private readonly (sbyte[] Outputs, TimeSpan Time) _reference = Timed(model, inputs, KernelPath.Reference, terminal, cancel);

    /// <summary>What the reference kernels answer, end to end; computed once.</summary>
    public sbyte[] Expected => _reference.Outputs;

    /// <summary>Self-test and comparison of each path that this processor supports.</summary>
    /// <param name="only">Name of the one path that is asked for, or null.</param>
    public IEnumerable<PathResult> Run(string? only)
    {
        foreach (KernelPath path in KernelPath.All.Where(path => path.IsSupported && (only ?? path.Name) == path.Name))
        {
            Stopwatch watch = Stopwatch.StartNew();
            string? problem = SelfTest.Run(model, path) is { } divergence
                ? $"golden vector {divergence.GoldenVector}, layer {divergence.Operator} ({divergence.OperatorName})"
                : path != KernelPath.Reference && FirstDifference(RunAll(model, inputs, path, terminal, cancel)) is { } index
                    ? Describe(index, path)
                    : null;
            TimeSpan time = path == KernelPath.Reference ? watch.Elapsed + _reference.Time : watch.Elapsed;
            yield return new PathResult("host", path.Name, inputs.Count, problem, time.TotalSeconds);
        }
    }

    /// <summary>Index of the first input whose output differs from the reference's, or null.</summary>
    /// <param name="outputs">Output tensors end to end, for the first inputs.</param>
    public int? FirstDifference(ReadOnlySpan<sbyte> outputs)
    {
        int same = outputs.CommonPrefixLength(Expected.AsSpan(0, outputs.Length));
        return same == outputs.Length ? null : same / _outputLength;
    }

    private static (sbyte[] Outputs, TimeSpan Time) Timed(Model model, ParityInputs inputs, KernelPath path, Terminal terminal, CancellationToken cancel)
    {
        Stopwatch watch = Stopwatch.StartNew();
        return (RunAll(model, inputs, path, terminal, cancel), watch.Elapsed);
    }

    private static sbyte[] RunAll(Model model, ParityInputs inputs, KernelPath path, Terminal terminal, CancellationToken cancel)
    {
        int length = model.Output.ByteLength;
        sbyte[] outputs = new sbyte[(long)inputs.Count * length];
        terminal.Progress($"{path.Name}, {Units.Count(inputs.Count)} inputs", inputs.Count, report =>
        {
            int done = 0;
            ParallelOptions options = new() { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
            Parallel.For(0, inputs.Count, options, () => new Interpreter(model, path), (i, _, interpreter) =>
            {
                interpreter.Invoke(inputs[i], outputs.AsSpan(i * length, length));
                int now = Interlocked.Increment(ref done);
                if (now % 256 == 0)
                {
                    report(now);
                }

                return interpreter;
            }, interpreter => interpreter.Dispose());
        });
        return outputs;
    }

    private string Describe(int index, KernelPath path)
    {
        using Interpreter reference = new(model, KernelPath.Reference);
        using Interpreter other = new(model, path);
        reference.SetInput(inputs[index]);
        other.SetInput(inputs[index]);
        for (int step = 0; step < model.Operators.Count; step++)
        {
            reference.RunOperator(step);
            other.RunOperator(step);
            int output = model.Operators[step].Output;
            ReadOnlySpan<sbyte> expected = reference.Activation(output), found = other.Activation(output);
            int at = expected.CommonPrefixLength(found);
            if (at < expected.Length)
            {
                string layer = $"layer {step} ({model.Operators[step].Name})";
                return $"input {index}, {layer}, byte {at}: {found[at]}, the reference has {expected[at]}";
            }
        }

        return $"input {index}, in the output, but in no layer that runs by itself";
    }
}
