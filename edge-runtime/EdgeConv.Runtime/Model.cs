using System.IO.MemoryMappedFiles;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime;

/// <summary>A model file, checked once when it is opened and trusted from then on. Read only; may be shared between threads.</summary>
public sealed unsafe class Model : IDisposable
{
    private readonly ModelContents _contents;
    private readonly IDisposable _owner;
    private byte* _bytes;

    private Model(byte* bytes, int length, ModelContents contents, IDisposable owner)
    {
        _bytes = bytes;
        FileBytes = length;
        _contents = contents;
        _owner = owner;
    }

    /// <summary>The model's name.</summary>
    public string Name => _contents.Name;

    /// <summary>Every tensor; operators name them by index.</summary>
    public IReadOnlyList<TensorInfo> Tensors => _contents.Tensors;

    /// <summary>The steps, in the order in which they run.</summary>
    public IReadOnlyList<ModelOperator> Operators => _contents.Operators;

    /// <summary>What the caller writes.</summary>
    public TensorInfo Input => _contents.Tensors[_contents.Input];

    /// <summary>What the caller reads.</summary>
    public TensorInfo Output => _contents.Tensors[_contents.Output];

    /// <summary>Index of <see cref="Input"/> in <see cref="Tensors"/>.</summary>
    public int InputTensor => _contents.Input;

    /// <summary>Index of <see cref="Output"/> in <see cref="Tensors"/>.</summary>
    public int OutputTensor => _contents.Output;

    /// <summary>Bytes of memory for activations, input and output included.</summary>
    public int ArenaBytes => _contents.ArenaBytes;

    /// <summary>Size of the file.</summary>
    public int FileBytes { get; }

    /// <summary>How a picture becomes the input, or null for a model that does not take pictures.</summary>
    public PreprocessingRecord? Preprocessing => _contents.Preprocessing;

    /// <summary>Names of the classes, one an output; empty when there are none.</summary>
    public IReadOnlyList<string> Labels => _contents.Labels;

    /// <summary>Free-form facts: where the model came from, accuracy, seed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata => _contents.Metadata;

    /// <summary>Inputs with their expected outputs and layer hashes.</summary>
    public IReadOnlyList<GoldenVector> GoldenVectors => _contents.GoldenVectors;

    /// <summary>Maps a model file into memory and checks all of it.</summary>
    /// <exception cref="ModelFormatException">The file is not a valid model; the message names the byte offset and the field.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or it is a folder.</exception>
    public static Model Open(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length is 0 or > int.MaxValue)
        {
            throw new ModelFormatException(0, "magic", $"found {stream.Length} bytes, expected a model file of up to 2 GiB");
        }

        int length = (int)stream.Length;
        var map = new MappedFile(stream);
        return Create(map.Pointer, length, map);
    }

    /// <summary>Checks a model held in memory. The bytes are copied.</summary>
    /// <exception cref="ModelFormatException">The bytes are not a valid model.</exception>
    public static Model Load(ReadOnlySpan<byte> bytes)
    {
        var buffer = new NativeBuffer(bytes.Length);
        bytes.CopyTo(new Span<byte>(buffer.Pointer, bytes.Length));
        return Create(buffer.Pointer, bytes.Length, buffer);
    }

    /// <summary>Bytes of a constant int8 tensor; valid until the model is disposed.</summary>
    /// <exception cref="ArgumentException">The tensor is not a constant of that type.</exception>
    public ReadOnlySpan<sbyte> Int8Data(int tensor) => new(Constant(tensor, ElementType.Int8), Tensors[tensor].Length);

    /// <summary>Values of a constant int16 tensor; valid until the model is disposed.</summary>
    /// <exception cref="ArgumentException">The tensor is not a constant of that type.</exception>
    public ReadOnlySpan<short> Int16Data(int tensor) => new(Constant(tensor, ElementType.Int16), Tensors[tensor].Length);

    /// <summary>Values of a constant int32 tensor; valid until the model is disposed.</summary>
    /// <exception cref="ArgumentException">The tensor is not a constant of that type.</exception>
    public ReadOnlySpan<int> Int32Data(int tensor) => new(Constant(tensor, ElementType.Int32), Tensors[tensor].Length);

    /// <summary>
    /// The same network with every fused pooling as an operator of its own, for those who look at every layer: the same answers from a larger
    /// arena. It reads this model's memory, is good until this one is disposed, and has no golden vectors where something was fused.
    /// </summary>
    public Model LayerByLayer()
    {
        ObjectDisposedException.ThrowIf(_bytes == null, this);
        return new Model(_bytes, FileBytes, Format.LayerByLayer.Of(_contents), new Lent(this));
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        _bytes = null;
        _owner.Dispose();
    }

    /// <summary>Values of a constant int64 tensor; valid until the model is disposed.</summary>
    /// <exception cref="ArgumentException">The tensor is not a constant of that type.</exception>
    public ReadOnlySpan<long> Int64Data(int tensor) => new(Constant(tensor, ElementType.Int64), Tensors[tensor].Length);

    /// <summary>Weights as bytes: int8 where they lie, int4 unpacked into memory of their own.</summary>
    /// <exception cref="ArgumentException">The tensor is not a constant of these types.</exception>
    public ReadOnlySpan<sbyte> Weights(int tensor) => Tensors[tensor].Type == ElementType.Int4
        ? Int4.Unpack(new ReadOnlySpan<byte>(Constant(tensor, ElementType.Int4), Tensors[tensor].ByteLength), Tensors[tensor])
        : Int8Data(tensor);

    /// <summary>The bytes of a constant of any type, as the file has them; valid until the model is disposed.</summary>
    /// <exception cref="ArgumentException">The tensor is not a constant.</exception>
    public ReadOnlySpan<byte> ConstantBytes(int tensor) => new(Constant(tensor, Tensors[tensor].Type), Tensors[tensor].ByteLength);

    /// <summary>Tells that weights were packed and will hardly be read again: where the file is mapped they stop to count as memory.</summary>
    internal void Forget(ReadOnlySpan<sbyte> weights)
    {
        fixed (sbyte* start = weights)
        {
            if (IsMapped(start, weights.Length))
            {
                PageAdvice.ForgetMapped((byte*)start, (nuint)weights.Length);
            }
        }
    }

    /// <summary>Tells that weights are going to be read from end to end.</summary>
    internal void ReadAhead(ReadOnlySpan<sbyte> weights)
    {
        fixed (sbyte* start = weights)
        {
            if (IsMapped(start, weights.Length))
            {
                PageAdvice.ReadAhead((byte*)start, (nuint)weights.Length);
            }
        }
    }

    /// <summary>The bytes of a constant of any type, for kernels that do not outlive the model.</summary>
    internal sbyte* Pointer(int tensor) => (sbyte*)Constant(tensor, Tensors[tensor].Type);

    private static Model Create(byte* bytes, int length, IDisposable owner)
    {
        try
        {
            if (owner is MappedFile)
            {
                PageAdvice.ReadAhead(bytes, (nuint)length);
            }

            var model = new Model(bytes, length, ModelReader.Read(new ReadOnlySpan<byte>(bytes, length)), owner);
            model.Forget(new ReadOnlySpan<sbyte>(bytes, length));
            return model;
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    // Weights of four bits are unpacked into other memory.
    private bool IsMapped(sbyte* start, int length) =>
        _owner is MappedFile && (byte*)start >= _bytes && (byte*)start + length <= _bytes + FileBytes;

    private byte* Constant(int tensor, ElementType type)
    {
        ObjectDisposedException.ThrowIf(_bytes == null, this);
        TensorInfo info = Tensors[tensor];
        return info.Storage == TensorStorage.Constant && info.Type == type
            ? _bytes + info.Offset
            : throw new ArgumentException($"tensor {tensor} ({info.Name}) is not a constant of type {type}", nameof(tensor));
    }

    /// <summary>Memory of another model, which is kept from the collector but not disposed.</summary>
    private sealed class Lent(Model owner) : IDisposable
    {
        public void Dispose() => GC.KeepAlive(owner);
    }

    /// <summary>A read-only view of a whole file.</summary>
    private sealed class MappedFile : IDisposable
    {
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;

        public MappedFile(FileStream stream)
        {
            _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* pointer = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            Pointer = pointer + _view.PointerOffset;
        }

        public byte* Pointer { get; }

        public void Dispose()
        {
            if (_view.SafeMemoryMappedViewHandle.IsClosed)
            {
                return;
            }

            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
