using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace EdgeConv.Fuzz;

/// <summary>Which branches of the instrumented code the last file took, and whether any file before it took them as often.</summary>
internal sealed unsafe class Coverage : IDisposable
{
    private const int Size = 1 << 16;
    private readonly byte* _map = (byte*)NativeMemory.AlignedAlloc(Size, 64);
    private readonly byte[] _seen = new byte[Size];

    public Coverage()
    {
        Trace.SharedMem = _map;
        Clear();
    }

    /// <summary>Branches seen so far.</summary>
    public int Edges => _seen.Count(b => b != 0);

    /// <summary>Forgets the last file.</summary>
    public void Clear()
    {
        NativeMemory.Clear(_map, Size);
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the last file reached something new: a branch, or a count of it of another order.</summary>
    public bool Merge()
    {
        bool isNew = false;
        for (int i = 0; i < Size; i += Vector<byte>.Count)
        {
            if (Vector.EqualsAll(*(Vector<byte>*)(_map + i), Vector<byte>.Zero))
            {
                continue;
            }

            for (int j = i; j < i + Vector<byte>.Count; j++)
            {
                // One bit an order of magnitude: 1, 2-3, 4-7, ... 128 and more.
                int bit = _map[j] == 0 ? 0 : 1 << BitOperations.Log2(_map[j]);
                isNew |= (bit & ~_seen[j]) != 0;
                _seen[j] |= (byte)bit;
            }
        }

        return isNew;
    }

    public void Dispose()
    {
        Trace.SharedMem = null;
        NativeMemory.AlignedFree(_map);
    }
}
