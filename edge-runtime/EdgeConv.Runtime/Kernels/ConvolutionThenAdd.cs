namespace EdgeConv.Runtime.Kernels;

/// <summary>What takes each element of a layer's output by itself, so that it may have them in blocks as they come.</summary>
internal interface IFollower
{
    /// <summary>Elements [first, first + count) of the layer's output are there. Several threads may say so at once.</summary>
    void Elements(nint first, nint count);
}

/// <summary>A kernel that can hand its output on in blocks, while they are in the nearest cache.</summary>
internal unsafe interface IHandsOn
{
    /// <summary>As <see cref="Kernel.Run"/>, each element told once.</summary>
    void Run(byte* scratch, IFollower follower);
}

/// <summary>
/// A convolution and the sum that follows it, as one step: the same bytes at the same places, the sum's a block of rows at a time. Those who
/// look at every layer run the two by themselves.
/// </summary>
internal sealed unsafe class ConvolutionThenAdd(IHandsOn convolution, IFollower sum) : Kernel
{
    public override void Run(byte* scratch) => convolution.Run(scratch, sum);

    /// <summary>The kernels that an inference runs, in order: one for each operator, or for a convolution and its sum.</summary>
    /// <param name="model">The model.</param>
    /// <param name="kernels">One for each of its operators.</param>
    public static Kernel[] Steps(Model model, Kernel[] kernels)
    {
        var steps = new List<Kernel>();
        for (int i = 0; i < kernels.Length; i++)
        {
            bool isOne = i + 1 < kernels.Length && kernels[i] is IHandsOn && kernels[i + 1] is IFollower && CanFollow(model, i);
            steps.Add(isOne ? new ConvolutionThenAdd((IHandsOn)kernels[i], (IFollower)kernels[i + 1]) : kernels[i]);
            i += isOne ? 1 : 0;
        }

        return [.. steps];
    }

    /// <summary>
    /// Whether operator i + 1 adds to the output of convolution i, in memory that i does not read any more: its bytes are written while the
    /// convolution still runs.
    /// </summary>
    private static bool CanFollow(Model model, int i)
    {
        if (model.Operators[i] is not Conv2DOp { IsPooled: false } conv || model.Operators[i + 1] is not AddOp add || !add.Inputs.Contains(conv.Output))
        {
            return false;
        }

        // of its own inputs the reader has seen to it
        (TensorInfo input, TensorInfo output) = (model.Tensors[conv.Input], model.Tensors[add.Output]);
        return output.Offset + output.ByteLength <= input.Offset || input.Offset + input.ByteLength <= output.Offset;
    }
}
