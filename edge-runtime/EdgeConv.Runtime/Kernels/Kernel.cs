using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels;

/// <summary>One operator, prepared: weights packed, pointers bound. Running it allocates nothing.</summary>
internal abstract unsafe class Kernel : IDisposable
{
    /// <summary>Memory that the kernel wants for the length of one <see cref="Run"/>; kernels share it.</summary>
    public virtual long ScratchBytes => 0;

    /// <summary>Memory that the kernel keeps: packed weights.</summary>
    public virtual long PackedBytes => 0;

    /// <summary>What the kernel does and why it was taken; made when somebody asks.</summary>
    public virtual KernelChoice Choice => new("plain loops", "the rule as it is written: this path has no vector form of the operator");

    /// <summary>Computes the output from the input.</summary>
    /// <param name="scratch">At least <see cref="ScratchBytes"/>, aligned to 64, content undefined.</param>
    public abstract void Run(byte* scratch);

    public virtual void Dispose()
    {
    }
}

/// <summary>What a kernel may look at while it is prepared.</summary>
internal readonly unsafe struct KernelContext(Model model, byte* arena, WorkerPool workers)
{
    public Model Model { get; } = model;

    /// <summary>Who helps; scratch that two of them may not share is wanted once for each.</summary>
    public WorkerPool Workers { get; } = workers;

    public TensorInfo Info(int tensor) => Model.Tensors[tensor];

    public bool IsWide(int tensor) => Info(tensor).Type == ElementType.Int16;

    /// <summary>Where an activation lives.</summary>
    public sbyte* Activation(int tensor) => (sbyte*)arena + Info(tensor).Offset;

    /// <summary>Where an activation or a constant that stands in for one lives.</summary>
    public sbyte* Bytes(int tensor) => Info(tensor).Storage == TensorStorage.Arena ? Activation(tensor) : Model.Pointer(tensor);
}
