using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime;

/// <summary>Runs a model on one kernel path, with one arena. Not for several threads at once; make one a thread.</summary>
public sealed unsafe class Interpreter : IDisposable
{
    /// <summary>Prepares every operator: packs weights, allocates the arena and the scratch memory.</summary>
    /// <param name="model">Must outlive the interpreter.</param>
    /// <param name="path">Null for <see cref="KernelPath.Default"/>.</param>
    public Interpreter(Model model, KernelPath? path = null) => throw new NotImplementedException();

    /// <summary>The model that runs.</summary>
    public Model Model => throw new NotImplementedException();

    /// <summary>The kernels that run it.</summary>
    public KernelPath Path => throw new NotImplementedException();

    /// <summary>Bytes of packed weights and scratch beside the arena.</summary>
    public long WorkingBytes => throw new NotImplementedException();

    /// <summary>Runs all operators. Allocates nothing.</summary>
    /// <param name="input">int8, as many as the input tensor has.</param>
    /// <param name="output">int8, as many as the output tensor has.</param>
    /// <exception cref="ArgumentException">A span has another length than its tensor.</exception>
    public void Invoke(ReadOnlySpan<sbyte> input, Span<sbyte> output) => throw new NotImplementedException();

    /// <summary>First half of <see cref="Invoke"/>, for those who look at every layer: copies the input into the arena.</summary>
    public void SetInput(ReadOnlySpan<sbyte> input) => throw new NotImplementedException();

    /// <summary>Runs one operator; call with 0, 1, 2... after <see cref="SetInput"/>.</summary>
    public void RunOperator(int index) => throw new NotImplementedException();

    /// <summary>An activation's bytes as they are now; later operators may reuse its slot.</summary>
    public ReadOnlySpan<sbyte> Activation(int tensor) => throw new NotImplementedException();

    /// <summary>Frees arena, scratch and packed weights.</summary>
    public void Dispose() => throw new NotImplementedException();
}
