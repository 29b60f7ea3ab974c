using System.Runtime.Intrinsics.Arm;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime;

/// <summary>
/// Runs a model on one kernel path, with one arena. Not to be called from several threads at once: make one for each. It may have helpers
/// of its own, who share the work of large layers; the bytes are the same however many there are.
/// </summary>
public sealed unsafe class Interpreter : IDisposable
{
    /// <summary>Stack that <see cref="Invoke"/> needs at most, on any path and for any model, in bytes; what is larger is scratch.</summary>
    public const int StackBytes = 16 * 1024;

    /// <summary>Threads that an interpreter can have at most.</summary>
    public const int MostThreads = 64;

    private readonly WorkerPool _workers;
    private readonly NativeBuffer _arena;
    private readonly NativeBuffer _scratch;
    private readonly Kernel[] _kernels;   // one for each operator
    private readonly Kernel[] _steps;     // what an inference runs
    private readonly TensorInfo _input;
    private readonly TensorInfo _output;
    private readonly int _inputLength;
    private readonly int _outputLength;

    /// <summary>Prepares every operator: packs weights, allocates the arena and the scratch memory.</summary>
    /// <param name="model">Must outlive the interpreter.</param>
    /// <param name="path">Null for <see cref="KernelPath.Default"/>.</param>
    /// <param name="threads">
    /// Threads that share the work of large layers, the caller's included. More than the processor's cores are slower than as many.
    /// </param>
    /// <exception cref="KernelPathException">The processor cannot run the path.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer threads than 1, or more than <see cref="MostThreads"/>.</exception>
    public Interpreter(Model model, KernelPath? path = null, int threads = 1)
        : this(model, path, threads, worthwhile: null)
    {
    }

    /// <summary>For tests, which split layers however small.</summary>
    internal Interpreter(Model model, KernelPath? path, int threads, long? worthwhile)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MostThreads);
        Model = model;
        Path = path is null ? KernelPath.Default : path.IsSupported ? path : KernelPath.Parse(path.Name);   // which throws
        _input = model.Input;
        _output = model.Output;
        (_inputLength, _outputLength) = (_input.ByteLength, _output.ByteLength);
        _workers = new WorkerPool(threads, worthwhile);
        _arena = new NativeBuffer(model.ArenaBytes);
        var context = new KernelContext(model, _arena.Pointer, _workers);
        _kernels = new Kernel[model.Operators.Count];
        long packed = 0, scratch = 0;
        for (int i = 0; i < _kernels.Length; i++)
        {
            _kernels[i] = Path.Prepare(model.Operators[i], context);
            packed += _kernels[i].PackedBytes;
            scratch = Math.Max(scratch, _kernels[i].ScratchBytes);
        }

        _steps = ConvolutionThenAdd.Steps(model, _kernels);
        _scratch = new NativeBuffer(scratch);
        WorkingMemory = new WorkingMemory(packed, scratch);
    }

    /// <summary>The model that runs.</summary>
    public Model Model { get; }

    /// <summary>The kernels that run it.</summary>
    public KernelPath Path { get; }

    /// <summary>Threads that share the work of large layers.</summary>
    public int Threads => _workers.Threads;

    /// <summary>Packed weights and scratch beside the arena.</summary>
    public WorkingMemory WorkingMemory { get; }

    /// <summary>How an operator is computed on this path, and why.</summary>
    public KernelChoice Choice(int index) => _kernels[index].Choice;

    /// <summary>What an operator takes of <see cref="WorkingMemory"/>.</summary>
    public WorkingMemory OperatorMemory(int index) => new(_kernels[index].PackedBytes, _kernels[index].ScratchBytes);

    /// <summary>Runs all operators: copies the input into the arena and the output out of it. Allocates nothing.</summary>
    /// <param name="input">The input tensor's bytes: one an element where it is int8, two (little-endian) where it is int16.</param>
    /// <param name="output">The output tensor's bytes, likewise.</param>
    /// <exception cref="ArgumentException">A span has another length than its tensor.</exception>
    public void Invoke(ReadOnlySpan<sbyte> input, Span<sbyte> output)
    {
        if (output.Length != _outputLength)
        {
            throw new ArgumentException($"found {output.Length} output bytes, the model has {_outputLength}", nameof(output));
        }

        SetInput(input);
        Run();
        fixed (sbyte* to = output)
        {
            Copy(Place(_output), to, _outputLength);
        }

        GC.KeepAlive(this);   // the arena is freed with it
    }

    /// <summary>
    /// The input tensor's place in the arena, to be filled before each <see cref="Run"/>, as by a <see cref="Preprocessing.Preprocessor"/>: layers may reuse it.
    /// Not to be touched after <see cref="Dispose"/>.
    /// </summary>
    public Span<sbyte> Input => new(Place(_input), _inputLength);

    /// <summary>The output tensor's place in the arena, until the next <see cref="Run"/>. Not to be touched after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<sbyte> Output => new(Place(_output), _outputLength);

    /// <summary>Runs all operators on what is in <see cref="Input"/>, into <see cref="Output"/>: <see cref="Invoke"/> without its copies. Allocates nothing.</summary>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(_arena.Pointer == null, this);
        foreach (Kernel step in _steps)
        {
            step.Run(_scratch.Pointer);
        }

        GC.KeepAlive(this);   // the arena is freed with it
    }

    /// <summary>First half of <see cref="Invoke"/>, for those who look at every layer: copies the input into the arena.</summary>
    /// <exception cref="ArgumentException">The span has another length than the input tensor.</exception>
    public void SetInput(ReadOnlySpan<sbyte> input)
    {
        sbyte* place = Place(_input);
        if (input.Length != _inputLength)
        {
            throw new ArgumentException($"found {input.Length} input bytes, the model has {_inputLength}", nameof(input));
        }

        fixed (sbyte* from = input)
        {
            Copy(from, place, _inputLength);
        }

        GC.KeepAlive(this);
    }

    private sbyte* Place(TensorInfo tensor)
    {
        ObjectDisposedException.ThrowIf(_arena.Pointer == null, this);
        return (sbyte*)_arena.Pointer + tensor.Offset;
    }

    /// <summary>As <see cref="Buffer.MemoryCopy(void*, void*, long, long)"/>, whose 32 bytes at a time an A53 waits for; later processors do not.</summary>
    private static void Copy(sbyte* from, sbyte* to, int count)
    {
        if (AdvSimd.IsSupported && !Dp.IsSupported)
        {
            PlainInput.LoadInput(from, (byte*)to, count);
        }
        else
        {
            Buffer.MemoryCopy(from, to, count, count);
        }
    }

    /// <summary>Runs one operator; call with 0, 1, 2... after <see cref="SetInput"/>.</summary>
    public void RunOperator(int index)
    {
        ObjectDisposedException.ThrowIf(_arena.Pointer == null, this);
        _kernels[index].Run(_scratch.Pointer);
        GC.KeepAlive(this);   // the arena is freed with it
    }

    /// <summary>An activation's bytes as they are now (two an element where it is int16); later operators may reuse its slot.</summary>
    /// <exception cref="ArgumentException">The tensor is a constant.</exception>
    public ReadOnlySpan<sbyte> Activation(int tensor)
    {
        ObjectDisposedException.ThrowIf(_arena.Pointer == null, this);
        TensorInfo info = Model.Tensors[tensor];
        return info.Storage == TensorStorage.Arena
            ? new ReadOnlySpan<sbyte>(_arena.Pointer + info.Offset, info.ByteLength)
            : throw new ArgumentException($"tensor {tensor} ({info.Name}) is a constant", nameof(tensor));
    }

    /// <summary>For tests: fewer than the operators where a sum is one step with the convolution before it.</summary>
    internal int Steps => _steps.Length;

    /// <summary>For tests, which look at every byte that an operator may or may not touch.</summary>
    internal Span<byte> Arena => new(_arena.Pointer, (int)_arena.Length);

    /// <summary>For tests, which leave rubbish there.</summary>
    internal Span<byte> Scratch => new(_scratch.Pointer, (int)_scratch.Length);

    /// <summary>For tests, which see to it that they end.</summary>
    internal IReadOnlyList<Thread> Helpers => _workers.Helpers;

    /// <summary>Ends the helpers; frees arena, scratch and packed weights.</summary>
    public void Dispose()
    {
        _workers.Dispose();
        foreach (Kernel kernel in _kernels)
        {
            kernel.Dispose();
        }

        _scratch.Dispose();
        _arena.Dispose();
    }
}
