using System.Runtime.InteropServices;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Benchmarks;

/// <summary>A square convolution of stride 1 with random weights.</summary>
/// <param name="Size">Rows and columns of the image.</param>
/// <param name="Inputs">Channels in.</param>
/// <param name="Outputs">Channels out.</param>
/// <param name="Kernel">Rows and columns of the kernel.</param>
/// <param name="Pad">Padding on every side.</param>
public sealed record ConvolutionShape(int Size, int Inputs, int Outputs, int Kernel, int Pad)
{
    public override string ToString() => $"{Size}x{Size} {Inputs}->{Outputs} {Kernel}x{Kernel}";

    public Model Build()
    {
        var random = new Random(1);
        var window = new Window(Kernel, Kernel, PadTop: Pad, PadLeft: Pad, PadBottom: Pad, PadRight: Pad);
        byte[] weights = new byte[Outputs * Kernel * Kernel * Inputs];
        random.NextBytes(weights);
        int inputBytes = Size * Size * Inputs, at = (inputBytes + 15) / 16 * 16;
        TensorSpec[] tensors =
        [
            new(new("x", ElementType.Int8, TensorStorage.Arena, [1, Size, Size, Inputs], 1, -3, 0), default),
            new(new("y", ElementType.Int8, TensorStorage.Arena, [1, window.OutputH(Size), window.OutputW(Size), Outputs], 1, 5, at), default),
            new(new("w", ElementType.Int8, TensorStorage.Constant, [Outputs, Kernel, Kernel, Inputs], 0, 0, 0), weights),
            Channels("bias", Outputs, _ => random.Next(-1000, 1000)),
            Channels("multipliers", Outputs, _ => random.Next(1 << 30, int.MaxValue)),
            Channels("shifts", Outputs, _ => -11),
        ];
        return Model.Load(ModelWriter.Write(new ModelSpec
        {
            Name = ToString(),
            Tensors = tensors,
            Operators = [new Conv2DOp("conv", 0, 1, 2, 3, 4, 5, window, 1, -128, 127)],
            Input = 0,
            Output = 1,
            ArenaBytes = at + tensors[1].Info.ByteLength,
        }));
    }

    internal static TensorSpec Channels(string name, int outputs, Func<int, int> value)
    {
        int[] values = [.. Enumerable.Range(0, outputs).Select(value)];
        return new(new(name, ElementType.Int32, TensorStorage.Constant, [outputs], 0, 0, 0), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
