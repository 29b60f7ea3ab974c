using System.Runtime.InteropServices;

namespace EdgeConv.Runtime;

/// <summary>Zeroed memory outside the garbage collector, aligned to a cache line, with room for a vector read beyond its end.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;
    private const int Slack = 64;

    public NativeBuffer(long length)
    {
        Length = length;
        nuint bytes = (nuint)length + Slack;
        bool isLarge = bytes >= 2 * PageAdvice.LargePage;
        Pointer = (byte*)NativeMemory.AlignedAlloc(bytes, isLarge ? PageAdvice.LargePage : (nuint)Alignment);
        if (isLarge)
        {
            PageAdvice.PreferLargePages(Pointer, bytes);
        }

        NativeMemory.Clear(Pointer, bytes);
    }

    ~NativeBuffer() => Free();

    public byte* Pointer { get; private set; }

    public long Length { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
