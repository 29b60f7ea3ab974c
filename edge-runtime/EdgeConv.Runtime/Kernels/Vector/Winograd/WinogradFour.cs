using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>F(4x4, 3x3), scaled by 24 in each dimension.</summary>
internal sealed unsafe class WinogradFour : WinogradTile
{
    /// <summary>Rows and columns of the output.</summary>
    public const int Rows = 4;

    /// <summary><see cref="WinogradTile.Positions"/>.</summary>
    public new const int Positions = (Rows + 2) * (Rows + 2);

    /// <summary>int32 from one tile's sums to the next one's, of eight channels.</summary>
    public const int TileSums = Positions * Panel.Channels;

    /// <summary>The power of two in 576 = 9 * 2^6.</summary>
    public const int Shift = 6;

    /// <summary>9 times this is 1, modulo 2^32.</summary>
    public const int InverseOfNine = 0x38E38E39;

    public override int Output => Rows;

    public override int Scale => 9 << Shift;

    public override int ScaleShift => Shift;

    public override int InverseOfOdd => InverseOfNine;

    public override int ConstantAtOne => -6;

    public override bool DividesLast => true;

    /// <summary>G': rows [6 0 0] [-4 -4 -4] [-4 4 -4] [1 2 4] [1 -2 4] [0 0 3].</summary>
    protected override void TransformTaps(Vector128<short> g0, Vector128<short> g1, Vector128<short> g2, short* to, int stride)
    {
        Vector128<short> ends = g0 + g2, far = g0 + (g2 << 2), twice = g1 + g1;
        (g0 * 6).Store(to);
        (-(ends + g1) << 2).Store(to + stride);
        ((g1 - ends) << 2).Store(to + 2 * stride);
        (far + twice).Store(to + 3 * stride);
        (far - twice).Store(to + 4 * stride);
        (g2 * 3).Store(to + 5 * stride);
    }
}
