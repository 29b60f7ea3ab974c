using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Which steps of the two-rounding rule a layer needs; chosen when it is packed.</summary>
internal interface INeonRounding
{
    /// <summary>Whether a channel may have a left shift.</summary>
    static abstract bool ShiftsLeft { get; }

    /// <summary>Whether SRSHL's ties, which go up, must be sent away from zero.</summary>
    static abstract bool FixesTies { get; }

    /// <summary>Whether the output is 0..255 from the zero point on: <see cref="OutputStage.IsUnsignedByte"/>.</summary>
    static abstract bool IsUnsigned { get; }
}

/// <summary>Any layer.</summary>
internal struct NeonAnyRounding : INeonRounding
{
    public static bool ShiftsLeft => true;

    public static bool FixesTies => true;

    public static bool IsUnsigned => false;
}

/// <summary>No left shift.</summary>
internal struct NeonRightShift : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => true;

    public static bool IsUnsigned => false;
}

/// <summary>No left shift, and ties below zero end at the minimum: <see cref="OutputStage.FixesTies"/>.</summary>
internal struct NeonRectified : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => false;

    public static bool IsUnsigned => false;
}

/// <summary>No left shift, and an output that saturation to an unsigned byte clamps: ReLU with the zero point at -128.</summary>
internal struct NeonUnsigned : INeonRounding
{
    public static bool ShiftsLeft => false;

    public static bool FixesTies => false;

    public static bool IsUnsigned => true;
}

/// <summary>Chooses the shortest rounding that a layer allows.</summary>
internal static class NeonRounding
{
    public static Kernel Depthwise(Conv2DOp op, KernelContext context)
    {
        var stage = new OutputStage(context.Model.Int32Data(op.Shifts), context.Info(op.Output).ZeroPoint, op.Min, op.Max);
        if (stage.IsUnsignedByte)
        {
            return new VectorDepthwise<NeonDepthwise<NeonUnsigned>, Vector64<sbyte>, NeonSums>(op, context);
        }

        if (stage.ShiftsLeft)
        {
            return new VectorDepthwise<NeonDepthwise<NeonAnyRounding>, Vector64<sbyte>, NeonSums>(op, context);
        }

        return stage.FixesTies
            ? new VectorDepthwise<NeonDepthwise<NeonRightShift>, Vector64<sbyte>, NeonSums>(op, context)
            : new VectorDepthwise<NeonDepthwise<NeonRectified>, Vector64<sbyte>, NeonSums>(op, context);
    }
}
