using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>F(2x2, 3x3), scaled by 2 in each dimension.</summary>
internal sealed unsafe class WinogradTwo : WinogradTile
{
    /// <summary>Rows and columns of the output.</summary>
    public const int Rows = 2;

    /// <summary>int32 from one tile's sums to the next one's, of eight channels.</summary>
    public const int TileSums = (Rows + 2) * (Rows + 2) * Panel.Channels;

    /// <summary>The power of two that is the scale.</summary>
    public const int Shift = 2;

    public override int Output => Rows;

    public override int Scale => 1 << Shift;

    public override int ScaleShift => Shift;

    public override int InverseOfOdd => 1;

    public override int ConstantAtOne => 2;

    public override bool DividesLast => false;

    /// <summary>G': rows [2 0 0] [1 1 1] [1 -1 1] [0 0 2].</summary>
    protected override void TransformTaps(Vector128<short> g0, Vector128<short> g1, Vector128<short> g2, short* to, int stride)
    {
        Vector128<short> ends = g0 + g2;
        (g0 + g0).Store(to);
        (ends + g1).Store(to + stride);
        (ends - g1).Store(to + 2 * stride);
        (g2 + g2).Store(to + 3 * stride);
    }
}
