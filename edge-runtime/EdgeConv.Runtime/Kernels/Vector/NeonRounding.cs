using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Which steps of the two-rounding rule a layer needs.</summary>
internal interface INeonRounding
{
    /// <summary>Whether a channel may have a left shift.</summary>
    static abstract bool ShiftsLeft { get; }

    /// <summary>Whether SRSHL's ties, which go up, must be sent away from zero.</summary>
    static abstract bool FixesTies { get; }

    /// <summary>Whether the right shift is taken in two steps: <see cref="Quantization.SteppedShift"/>.</summary>
    static abstract bool NarrowsFirst { get; }

    /// <summary>Whether the output is 0..255 from the zero point on.</summary>
    static abstract bool IsUnsigned { get; }

    /// <summary>Whether one product is all of it: <see cref="WinogradScale"/>.</summary>
    static virtual bool IsOneStep => false;

    /// <summary>Whether sixteen channels have the numbers of a <see cref="LinearScale"/>.</summary>
    static virtual bool IsLinear => false;
}

/// <summary><see cref="OutputRounding.Any"/>.</summary>
internal struct NeonAnyRounding : INeonRounding
{
    public static bool ShiftsLeft => true;

    public static bool FixesTies => true;

    public static bool NarrowsFirst => false;

    public static bool IsUnsigned => false;
}

/// <summary><see cref="OutputRounding.RightShift"/>.</summary>
internal struct NeonRightShift : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => true;

    public static bool NarrowsFirst => false;

    public static bool IsUnsigned => false;
}

/// <summary><see cref="OutputRounding.Rectified"/>.</summary>
internal struct NeonRectified : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => false;

    public static bool NarrowsFirst => true;

    public static bool IsUnsigned => false;
}

/// <summary><see cref="OutputRounding.Unsigned"/>.</summary>
internal struct NeonUnsigned : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => false;

    public static bool NarrowsFirst => true;

    public static bool IsUnsigned => true;
}

/// <summary>A panel that <see cref="Panel.IsOneStep"/>; no layer's <see cref="OutputRounding"/> says so.</summary>
internal struct NeonOneStep : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => false;

    public static bool NarrowsFirst => false;

    public static bool IsUnsigned => false;

    public static bool IsOneStep => true;
}

/// <summary>Channels that have a <see cref="LinearScale"/>, of a layer whose bytes are any: saturation is the clamp.</summary>
internal struct NeonLinear : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => false;

    public static bool NarrowsFirst => true;

    public static bool IsUnsigned => true;

    public static bool IsLinear => true;
}

/// <summary>Something that has a form for each rounding.</summary>
internal interface INeonRounded
{
    void Run<TRounding>()
        where TRounding : struct, INeonRounding;
}

/// <summary>From what is known of a layer to the code for it.</summary>
internal static class NeonRounding
{
    /// <summary>Runs the form that a layer allows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Choose<T>(OutputRounding rounding, ref T action)
        where T : struct, INeonRounded
    {
        switch (rounding)
        {
            case OutputRounding.Unsigned:
                action.Run<NeonUnsigned>();
                break;
            case OutputRounding.Rectified:
                action.Run<NeonRectified>();
                break;
            case OutputRounding.RightShift:
                action.Run<NeonRightShift>();
                break;
            default:
                action.Run<NeonAnyRounding>();
                break;
        }
    }

    /// <param name="op">A convolution with one filter a channel.</param>
    /// <param name="context">Its model.</param>
    /// <param name="dotProducts">Whether there is SDOT.</param>
    public static Kernel Depthwise(Conv2DOp op, KernelContext context, bool dotProducts)
    {
        var creation = new DepthwiseCreation(op, context, dotProducts);
        Choose(new OutputStage(context.Model.Int32Data(op.Shifts), context.Info(op.Output).ZeroPoint, op.Min, op.Max).Rounding, ref creation);
        return creation.Kernel!;
    }

    private struct DepthwiseCreation(Conv2DOp op, KernelContext context, bool dotProducts) : INeonRounded
    {
        public Kernel? Kernel { get; private set; }

        public void Run<TRounding>()
            where TRounding : struct, INeonRounding =>
            Kernel = (dotProducts ? NeonDpDepthwiseLayer<TRounding>.Create(op, context) : null)
                ?? NeonDepthwiseLayer<TRounding>.Create(op, context)
                ?? new VectorDepthwise<NeonDepthwise<TRounding>, Vector64<sbyte>, NeonSums>(op, context);
    }
}
