using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>int16 in a vector of x64, of whichever width.</summary>
internal unsafe interface IWords<TSelf>
    where TSelf : struct, IWords<TSelf>
{
    /// <summary>Elements.</summary>
    static abstract int Count { get; }

    /// <summary>From as many bytes.</summary>
    static abstract TSelf Widened(sbyte* bytes);

    static abstract TSelf Load(short* words);

    /// <summary>Two elements in every lane of 32 bits.</summary>
    static abstract TSelf Pair(short* pair);

    void Store(short* words);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, short factor);

    static abstract TSelf operator <<(TSelf a, int shift);
}

/// <summary>int32 in a vector of the same width.</summary>
internal unsafe interface ISums<TSelf, TWords>
    where TSelf : struct, ISums<TSelf, TWords>
{
    /// <summary>Elements.</summary>
    static abstract int Count { get; }

    /// <summary>Plus the products of two neighbours each.</summary>
    static abstract TSelf MultiplyAdd(TSelf sums, TWords a, TWords b);

    void Store(int* sums);
}

internal readonly unsafe struct Words512(Vector512<short> value) : IWords<Words512>
{
    private readonly Vector512<short> _value = value;

    public static int Count => Vector512<short>.Count;

    public readonly Vector512<short> Value => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 Widened(sbyte* bytes) => new(Avx512BW.ConvertToVector512Int16(Vector256.Load(bytes)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 Load(short* words) => new(Vector512.Load(words));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 Pair(short* pair) => new(Vector512.Create(*(int*)pair).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(short* words) => _value.Store(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 operator +(Words512 a, Words512 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 operator -(Words512 a, Words512 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 operator *(Words512 a, short factor) => new(a._value * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 operator <<(Words512 a, int shift) => new(a._value << shift);
}

internal readonly unsafe struct Sums512(Vector512<int> value) : ISums<Sums512, Words512>
{
    private readonly Vector512<int> _value = value;

    public static int Count => Vector512<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Sums512 MultiplyAdd(Sums512 sums, Words512 a, Words512 b) => new(sums._value + Avx512BW.MultiplyAddAdjacent(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int* sums) => _value.Store(sums);
}

internal readonly unsafe struct Words256(Vector256<short> value) : IWords<Words256>
{
    private readonly Vector256<short> _value = value;

    public static int Count => Vector256<short>.Count;

    public readonly Vector256<short> Value => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 Widened(sbyte* bytes) => new(Avx2.ConvertToVector256Int16(bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 Load(short* words) => new(Vector256.Load(words));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 Pair(short* pair) => new(Vector256.Create(*(int*)pair).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(short* words) => _value.Store(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 operator +(Words256 a, Words256 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 operator -(Words256 a, Words256 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 operator *(Words256 a, short factor) => new(a._value * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 operator <<(Words256 a, int shift) => new(a._value << shift);
}

internal readonly unsafe struct Sums256(Vector256<int> value) : ISums<Sums256, Words256>
{
    private readonly Vector256<int> _value = value;

    public static int Count => Vector256<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Sums256 MultiplyAdd(Sums256 sums, Words256 a, Words256 b) => new(sums._value + Avx2.MultiplyAddAdjacent(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int* sums) => _value.Store(sums);
}
