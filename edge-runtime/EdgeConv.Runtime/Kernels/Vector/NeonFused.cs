using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Whether a panel's <see cref="FusedScale"/> holds for all sums.</summary>
internal interface INeonFusedSums
{
    static abstract bool MissesOne { get; }
}

/// <summary>It does.</summary>
internal struct NeonAllSums : INeonFusedSums
{
    public static bool MissesOne => false;
}

/// <summary>For all but at most one a channel.</summary>
internal struct NeonAllSumsButOne : INeonFusedSums
{
    public static bool MissesOne => true;
}

/// <summary>Requantization of panels that have the numbers of a <see cref="FusedScale"/>: FMLA, UZP1 and SQXTN.</summary>
/// <param name="panel">Its numbers.</param>
internal readonly unsafe struct NeonFused<TSums>(int* panel)
    where TSums : struct, INeonFusedSums
{
    private readonly Vector128<float> _low = AdvSimd.LoadVector128((float*)panel + Panel.Multiplier);
    private readonly Vector128<float> _high = AdvSimd.LoadVector128((float*)panel + Panel.Multiplier + 4);

    /// <summary>Rows of sums in memory: those that tiles leave over. Apart, so that requantization by the rule has no more registers to save.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Rows(int* sums, int rows, int* panel, sbyte* output, nint outputStride)
    {
        var scale = new NeonFused<TSums>(panel);
        for (; rows > 1; rows -= 2, sums += 2 * Panel.Channels, output += 2 * outputStride)
        {
            scale.StoreTwo(sums, output, outputStride);
        }

        if (rows > 0)
        {
            scale.Store(Load(sums), output);
        }
    }

    /// <summary>
    /// One row. The addends are loaded again behind each store, since FMLA overwrites them: a load costs the multiplying units nothing, a copy does.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(NeonSums sums, sbyte* output)
    {
        Scale(ref sums);
        AdvSimd.Store(output, AdvSimd.ExtractNarrowingSaturateLower(LowerHalves(sums)));
    }

    /// <summary>Two rows side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreTwo(int* sums, sbyte* output, nint outputStride)
    {
        NeonSums s0 = Load(sums), s1 = Load(sums + Panel.Channels);
        Scale(ref s0, ref s1);
        Vector128<short> w0 = LowerHalves(s0), w1 = LowerHalves(s1);
        Vector64<sbyte> b0 = AdvSimd.ExtractNarrowingSaturateLower(w0), b1 = AdvSimd.ExtractNarrowingSaturateLower(w1);
        AdvSimd.Store(output, b0);
        AdvSimd.Store(output + outputStride, b1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Load(int* sums) => new(AdvSimd.LoadVector128(sums), AdvSimd.LoadVector128(sums + 4));

    /// <summary>Bytes before the clamp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> LowerHalves(NeonSums scaled) => AdvSimd.Arm64.UnzipEven(scaled.Low.AsInt16(), scaled.High.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Scale(ref NeonSums sums)
    {
        if (TSums.MissesOne)
        {
            sums = new NeonSums(Instead(sums.Low, IsMissed(sums.Low, 0), 0), Instead(sums.High, IsMissed(sums.High, 4), 4));
        }

        sums.Low = AdvSimd.FusedMultiplyAdd(Addend(0), sums.Low.AsSingle(), _low).AsInt32();
        sums.High = AdvSimd.FusedMultiplyAdd(Addend(4), sums.High.AsSingle(), _high).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Scale(ref NeonSums a, ref NeonSums b)
    {
        if (TSums.MissesOne)
        {
            Vector128<int> al = IsMissed(a.Low, 0), bl = IsMissed(b.Low, 0), ah = IsMissed(a.High, 4), bh = IsMissed(b.High, 4);
            a = new NeonSums(Instead(a.Low, al, 0), Instead(a.High, ah, 4));
            b = new NeonSums(Instead(b.Low, bl, 0), Instead(b.High, bh, 4));
        }

        Vector128<float> lowA = AdvSimd.FusedMultiplyAdd(Addend(0), a.Low.AsSingle(), _low), lowB = AdvSimd.FusedMultiplyAdd(Addend(0), b.Low.AsSingle(), _low);
        Vector128<float> highA = AdvSimd.FusedMultiplyAdd(Addend(4), a.High.AsSingle(), _high), highB = AdvSimd.FusedMultiplyAdd(Addend(4), b.High.AsSingle(), _high);
        a = new NeonSums(lowA.AsInt32(), highA.AsInt32());
        b = new NeonSums(lowB.AsInt32(), highB.AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> IsMissed(Vector128<int> sums, int channel) => AdvSimd.CompareEqual(sums, AdvSimd.LoadVector128(panel + Panel.Missed + channel));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> Instead(Vector128<int> sums, Vector128<int> isMissed, int channel) =>
        AdvSimd.BitwiseSelect(isMissed, AdvSimd.LoadVector128(panel + Panel.Instead + channel), sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<float> Addend(int channel) => AdvSimd.LoadVector128((float*)panel + Panel.Addend + channel);
}
