using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Convolutions with one filter a channel.</summary>
internal static class Depthwise
{
    /// <summary>Whether a convolution is of this kind.</summary>
    public static bool CanRun(Conv2DOp op, KernelContext context) =>
        op.Groups == context.Info(op.Input).Shape[3] && op.Groups == context.Info(op.Output).Shape[3] && op.Groups > 1;
}

/// <summary>
/// What depthwise kernels share: the padded image, where the taps of a pixel lie in it, and rows of the output that threads take as they come.
/// Taps are even in number: an odd one has a partner that reads the first pixel and weighs nothing.
/// </summary>
internal abstract unsafe class DepthwiseLayer : Kernel, ISplitWork
{
    private readonly TensorInfo _input;
    private readonly TensorInfo _output;
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly PaddedImage<PlainInput> _image;
    private readonly NativeBuffer _offsets;
    private sbyte* _from;   // what the threads work at
    private sbyte* _to;

    protected DepthwiseLayer(Conv2DOp op, KernelContext context)
        : this(op, context, ImageFrame.Of(op.Window))
    {
    }

    /// <param name="op">The convolution.</param>
    /// <param name="context">Its model.</param>
    /// <param name="frame">The padding that is copied around the image: the window's, or none where the layer pads for itself.</param>
    protected DepthwiseLayer(Conv2DOp op, KernelContext context, ImageFrame frame)
    {
        (_input, _output) = (context.Info(op.Input), context.Info(op.Output));
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        Window = op.Window;
        Channels = _input.Shape[3];
        Workers = context.Workers;
        Stage = new OutputStage(context.Model.Int32Data(op.Shifts), _output.ZeroPoint, op.Min, op.Max);
        _image = new PaddedImage<PlainInput>(_input, frame, Workers);

        int taps = Window.KernelH * Window.KernelW;
        Taps = taps + taps % 2;
        _offsets = new NativeBuffer(Taps * sizeof(nint));
        for (int t = 0; t < taps; t++)
        {
            (int ky, int kx) = (t / Window.KernelW, t % Window.KernelW);
            Offsets[t] = ky * InputRow + (nint)kx * Window.DilationW * Channels;
        }
    }

    /// <summary>The padded image.</summary>
    public override long ScratchBytes => _image.Bytes;

    public override long PackedBytes => _offsets.Length;

    protected Window Window { get; }

    protected int Channels { get; }

    /// <summary>Even.</summary>
    protected int Taps { get; }

    protected OutputStage Stage { get; }

    protected WorkerPool Workers { get; }

    /// <summary>Pixels of a row of the output.</summary>
    protected int Width => _output.Shape[2];

    /// <summary>Bytes from one kernel row to the next.</summary>
    protected nint InputRow => (nint)Window.DilationH * _image.Width * Channels;

    /// <summary>Bytes from a pixel's first tap to each of its taps.</summary>
    protected nint* Offsets => (nint*)_offsets.Pointer;

    public override void Run(byte* scratch)
    {
        nint imageBytes = (nint)_input.Shape[1] * _input.Shape[2] * Channels;
        (int rows, nint rowBytes) = (_output.Shape[1], (nint)Width * Channels);
        Begin((sbyte*)scratch + _image.Bytes);
        for (int n = 0; n < _input.Shape[0]; n++)
        {
            _from = (sbyte*)_image.Load(_x + n * imageBytes, scratch);
            Enter(_from);
            _to = _y + n * rows * rowBytes;
            Workers.Split(this, rows, (long)SplitCost.DepthwiseTap * Window.KernelH * Window.KernelW * rows * rowBytes);
        }
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        nint inputRow = (nint)Window.StrideH * _image.Width * Channels, rowBytes = (nint)Width * Channels;
        Rows(first, end - first, _from + first * inputRow, inputRow, _to + first * rowBytes, lane);
    }

    public override void Dispose() => _offsets.Dispose();

    /// <summary>What a layer wants of the scratch memory behind the image.</summary>
    protected virtual void Begin(sbyte* scratch)
    {
    }

    /// <summary>What a layer does with each image of the batch before its rows.</summary>
    protected virtual void Enter(sbyte* image)
    {
    }

    /// <summary>Rows of the output.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="rows">How many.</param>
    /// <param name="x">First tap of the first row's first pixel; where the image has no frame, without the padding.</param>
    /// <param name="inputRow">Bytes from there to the next row's.</param>
    /// <param name="y">The first row.</param>
    /// <param name="lane">The thread.</param>
    protected abstract void Rows(int first, int rows, sbyte* x, nint inputRow, sbyte* y, int lane);
}
