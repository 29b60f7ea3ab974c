using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Which steps of the two-rounding rule a layer needs; chosen when it is packed.</summary>
internal interface INeonRounding
{
    /// <summary>Whether a channel may have a left shift.</summary>
    static abstract bool ShiftsLeft { get; }

    /// <summary>Whether SRSHL's ties, which go up, must be sent away from zero.</summary>
    static abstract bool FixesTies { get; }
}

/// <summary>Any layer.</summary>
internal struct NeonAnyRounding : INeonRounding
{
    public static bool ShiftsLeft => true;

    public static bool FixesTies => true;
}

/// <summary>No left shift.</summary>
internal struct NeonRightShift : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => true;
}

/// <summary>
/// No left shift, and a minimum that is at least the output zero point, as with ReLU. A tie is rounded differently only below zero; there
/// either way gives 0 or less, so with the zero point at most the minimum: the clamp makes both the same byte.
/// </summary>
internal struct NeonRectified : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => false;
}

/// <summary>Chooses the shortest rounding that a layer allows.</summary>
internal static class NeonRounding
{
    public static Kernel Depthwise(Conv2DOp op, KernelContext context)
    {
        if (context.Model.Int32Data(op.Shifts).ContainsAnyExceptInRange(int.MinValue, 0))
        {
            return new VectorDepthwise<NeonDepthwise<NeonAnyRounding>, Vector64<sbyte>, NeonSums>(op, context);
        }

        return op.Min >= context.Info(op.Output).ZeroPoint
            ? new VectorDepthwise<NeonDepthwise<NeonRectified>, Vector64<sbyte>, NeonSums>(op, context)
            : new VectorDepthwise<NeonDepthwise<NeonRightShift>, Vector64<sbyte>, NeonSums>(op, context);
    }
}
