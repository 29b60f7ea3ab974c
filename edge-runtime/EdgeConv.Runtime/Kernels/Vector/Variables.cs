using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Declares variables of generated code. One that is given away by reference stays a variable, and its value is computed where it is written; of
/// others the C# compiler leaves some on the evaluation stack, which RyuJIT computes where they are used. The call itself compiles to nothing.
/// </summary>
internal static class Variables
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Declare<T>(out T v0, out T v1, out T v2, out T v3, out T v4, out T v5, out T v6, out T v7,
        out T v8, out T v9, out T v10, out T v11, out T v12, out T v13, out T v14, out T v15)
        where T : unmanaged =>
        v0 = v1 = v2 = v3 = v4 = v5 = v6 = v7 = v8 = v9 = v10 = v11 = v12 = v13 = v14 = v15 = default;
}
