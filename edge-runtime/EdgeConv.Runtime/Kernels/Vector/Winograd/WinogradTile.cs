using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The numbers of F(n x n, 3x3): n by n output pixels of a 3x3 convolution with (n + 2)^2 multiplications an input channel where the plain rule
/// takes 9 n^2. After Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4, in integers: WINOGRAD.md.
/// </summary>
internal abstract unsafe class WinogradTile
{
    /// <summary>Rows and columns of a piece of the kernel.</summary>
    public const int Taps = 3;

    /// <summary>Output pixels of the largest tile.</summary>
    public const int MaxPixels = WinogradFour.Rows * WinogradFour.Rows;

    /// <summary>F(4x4, 3x3): 36 multiplications for 144.</summary>
    public static WinogradTile Four { get; } = new WinogradFour();

    /// <summary>F(2x2, 3x3): 16 multiplications for 36.</summary>
    public static WinogradTile Two { get; } = new WinogradTwo();

    /// <summary>Rows and columns of the output.</summary>
    public abstract int Output { get; }

    /// <summary>Rows and columns of the input; tiles overlap by two.</summary>
    public int Input => Output + Taps - 1;

    /// <summary>Products of a tile and an input channel.</summary>
    public int Positions => Input * Input;

    /// <summary>What comes out is this multiple of the accumulator, modulo 2^32: an odd number times 2^<see cref="ScaleShift"/>.</summary>
    public abstract int Scale { get; }

    /// <summary>The power of two in <see cref="Scale"/>.</summary>
    public abstract int ScaleShift { get; }

    /// <summary>Times the odd factor of <see cref="Scale"/> it is 1, modulo 2^32.</summary>
    public abstract int InverseOfOdd { get; }

    /// <summary>Accumulators from minus this to one less than this survive the multiplication by <see cref="Scale"/>.</summary>
    public int AccumulatorLimit => 1 << (31 - ScaleShift);

    /// <summary>B^T of a column or row that is constant is this multiple of the constant at position 1, and zero elsewhere.</summary>
    public abstract int ConstantAtOne { get; }

    /// <summary>Whether division and requantization are one, which wants the panels' shifts changed; else kernels divide first.</summary>
    public abstract bool DividesLast { get; }

    /// <summary>G' g G'^T of eight input channels: a vector for each position.</summary>
    /// <param name="filter">Tap (0, 0) of the first of eight channels.</param>
    /// <param name="tap">Bytes from one tap to the next.</param>
    /// <param name="transformed">Positions x 8.</param>
    public void TransformWeights(sbyte* filter, nint tap, short* transformed)
    {
        int row = Input * Panel.Channels;
        short* rows = stackalloc short[Taps * row];
        for (int ky = 0; ky < Taps; ky++)
        {
            sbyte* taps = filter + Taps * ky * tap;
            TransformTaps(Widen(taps), Widen(taps + tap), Widen(taps + 2 * tap), rows + ky * row, Panel.Channels);
        }

        for (int column = 0; column < Input; column++)
        {
            short* from = rows + column * Panel.Channels;
            TransformTaps(Vector128.Load(from), Vector128.Load(from + row), Vector128.Load(from + 2 * row), transformed + column * Panel.Channels, row);
        }
    }

    /// <summary>As explanations name it.</summary>
    public override string ToString() => $"F({Output}x{Output}, {Taps}x{Taps})";

    /// <summary>G' of three taps.</summary>
    /// <param name="g0">First tap.</param>
    /// <param name="g1">Second.</param>
    /// <param name="g2">Third.</param>
    /// <param name="to">First of <see cref="Input"/> vectors.</param>
    /// <param name="stride">Elements from one vector to the next.</param>
    protected abstract void TransformTaps(Vector128<short> g0, Vector128<short> g1, Vector128<short> g2, short* to, int stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Widen(sbyte* eight) => Vector128.WidenLower(Vector128.CreateScalar(*(long*)eight).AsSByte());
}
