using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The numbers of F(4x4, 3x3): sixteen output pixels of a 3x3 convolution with 36 multiplications an input channel where the plain rule
/// takes 144. After Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.3, in integers:
/// WINOGRAD.md.
/// </summary>
internal static unsafe class Winograd
{
    /// <summary>Rows and columns of a piece of the kernel.</summary>
    public const int Taps = 3;

    /// <summary>Rows and columns of a tile of the output.</summary>
    public const int OutputTile = 4;

    /// <summary>Rows and columns of a tile of the input; tiles overlap by two.</summary>
    public const int InputTile = 6;

    /// <summary>Products of a tile and an input channel.</summary>
    public const int Positions = InputTile * InputTile;

    /// <summary>int32 from one tile's sums to the next one's.</summary>
    public const int TileSums = Positions * Panel.Channels;

    /// <summary>What comes out is this multiple of the accumulator, modulo 2^32: 9 * 2^6.</summary>
    public const int Scale = 576;

    /// <summary>The power of two in <see cref="Scale"/>.</summary>
    public const int ScaleShift = 6;

    /// <summary>9 times this is 1, modulo 2^32.</summary>
    public const int InverseOfNine = 0x38E38E39;

    /// <summary>Accumulators from minus this to one less than this survive the multiplication by <see cref="Scale"/>.</summary>
    public const int AccumulatorLimit = 1 << (31 - ScaleShift);

    /// <summary>B^T of a column or row that is constant is this multiple of the constant at position 1, and zero elsewhere.</summary>
    public const int ConstantAtOne = -6;

    /// <summary>G' g G'^T of eight input channels: 36 vectors.</summary>
    /// <param name="filter">Tap (0, 0) of the first of eight channels.</param>
    /// <param name="tap">Bytes from one tap to the next.</param>
    /// <param name="transformed">36 x 8.</param>
    public static void TransformWeights(sbyte* filter, nint tap, short* transformed)
    {
        short* rows = stackalloc short[3 * InputTile * Panel.Channels];
        for (int ky = 0; ky < 3; ky++)
        {
            sbyte* taps = filter + 3 * ky * tap;
            TransformTaps(Widen(taps), Widen(taps + tap), Widen(taps + 2 * tap), rows + ky * InputTile * Panel.Channels, 1);
        }

        for (int column = 0; column < InputTile; column++)
        {
            short* from = rows + column * Panel.Channels;
            TransformTaps(Vector128.Load(from), Vector128.Load(from + InputTile * Panel.Channels), Vector128.Load(from + 2 * InputTile * Panel.Channels),
                transformed + column * Panel.Channels, InputTile);
        }
    }

    /// <summary>G': rows [6 0 0] [-4 -4 -4] [-4 4 -4] [1 2 4] [1 -2 4] [0 0 3].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransformTaps(Vector128<short> g0, Vector128<short> g1, Vector128<short> g2, short* to, int stride)
    {
        Vector128<short> ends = g0 + g2, far = g0 + (g2 << 2), twice = g1 + g1;
        (g0 * 6).Store(to);
        (-(ends + g1) << 2).Store(to + stride * Panel.Channels);
        ((g1 - ends) << 2).Store(to + 2 * stride * Panel.Channels);
        (far + twice).Store(to + 3 * stride * Panel.Channels);
        (far - twice).Store(to + 4 * stride * Panel.Channels);
        (g2 * 3).Store(to + 5 * stride * Panel.Channels);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Widen(sbyte* eight) => Vector128.WidenLower(Vector128.CreateScalar(*(long*)eight).AsSByte());
}
