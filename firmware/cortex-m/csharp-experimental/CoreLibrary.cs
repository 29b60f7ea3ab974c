// The core library of this sample, as far as its kernels go: no garbage collector, no exceptions, no reflection, no arrays. Written for it, from
// what the C# compiler and NativeAOT's compiler ask for; the types are theirs by name.

namespace System
{
    using System.Runtime;
    using System.Runtime.CompilerServices;

    public class Object
    {
#pragma warning disable 169, IDE0044, IDE0051   // the compiler's: where an object says what it is
        private IntPtr _methodTable;
#pragma warning restore 169, IDE0044, IDE0051
    }

    public abstract class ValueType
    {
    }

    public abstract class Enum : ValueType
    {
    }

    public struct Void
    {
    }

    public struct Boolean
    {
    }

    public struct SByte
    {
        public const sbyte MinValue = -128;
    }

    public struct Byte
    {
    }

    public struct Int16
    {
    }

    public struct UInt16
    {
    }

    public struct Int32
    {
        public const int MinValue = -2147483648, MaxValue = 2147483647;
    }

    public struct UInt32
    {
    }

    public struct Int64
    {
    }

    public struct UInt64
    {
    }

    public struct IntPtr
    {
    }

    public struct UIntPtr
    {
    }

    public sealed class String
    {
        public readonly int Length;
    }

    public abstract class Array
    {
    }

    internal class Array<T> : Array
    {
    }

    public abstract class Delegate
    {
    }

    public struct RuntimeTypeHandle
    {
    }

    public struct ValueTuple<T1, T2>
    {
        public T1 Item1;
        public T2 Item2;

        public ValueTuple(T1 item1, T2 item2) => (Item1, Item2) = (item1, item2);
    }

    public struct ValueTuple<T1, T2, T3>
    {
        public T1 Item1;
        public T2 Item2;
        public T3 Item3;

        public ValueTuple(T1 item1, T2 item2, T3 item3) => (Item1, Item2, Item3) = (item1, item2, item3);
    }

    public struct ValueTuple<T1, T2, T3, T4>
    {
        public T1 Item1;
        public T2 Item2;
        public T3 Item3;
        public T4 Item4;

        public ValueTuple(T1 item1, T2 item2, T3 item3, T4 item4) => (Item1, Item2, Item3, Item4) = (item1, item2, item3, item4);
    }

    public abstract class Attribute
    {
    }

    public enum AttributeTargets
    {
        All = 32767,
    }

    public sealed class AttributeUsageAttribute : Attribute
    {
        public AttributeUsageAttribute(AttributeTargets targets)
        {
        }

        public bool AllowMultiple { get; set; }

        public bool Inherited { get; set; }
    }

    /// <summary>Copies of structs that are too large for a few instructions. There is no garbage collector that would want to know of them.</summary>
    public static unsafe class Buffer
    {
        internal static void BulkMoveWithWriteBarrier(ref byte to, ref byte from, nuint length) => SpanHelpers.Memmove(ref to, ref from, length);
    }

    internal static unsafe class SpanHelpers
    {
        internal static void Memmove(ref byte to, ref byte from, nuint length)
        {
            fixed (byte* t = &to, f = &from)
            {
                for (nuint i = 0; i < length; i++)
                {
                    t[i] = f[i];
                }
            }
        }

        internal static void Fill(ref byte to, byte value, nuint length)
        {
            fixed (byte* t = &to)
            {
                for (nuint i = 0; i < length; i++)
                {
                    t[i] = value;
                }
            }
        }

        internal static void ClearWithoutReferences(ref byte to, nuint length) => Fill(ref to, 0, length);
    }

    public static class Math
    {
        public static int Max(int a, int b) => a > b ? a : b;

        public static sbyte Max(sbyte a, sbyte b) => a > b ? a : b;

        public static int Clamp(int value, int least, int most) => value < least ? least : value > most ? most : value;

        public static long Clamp(long value, long least, long most) => value < least ? least : value > most ? most : value;

        // The compiler calls these for / and %.
        [RuntimeImport("*", "edgeconv_cs_div_int32")]
        [MethodImpl(MethodImplOptions.InternalCall)]
        private static extern int DivInt32(int a, int b);

        [RuntimeImport("*", "edgeconv_cs_div_uint32")]
        [MethodImpl(MethodImplOptions.InternalCall)]
        private static extern uint DivUInt32(uint a, uint b);

        [RuntimeImport("*", "edgeconv_cs_div_int64")]
        [MethodImpl(MethodImplOptions.InternalCall)]
        private static extern long DivInt64(long a, long b);

        [RuntimeImport("*", "edgeconv_cs_div_uint64")]
        [MethodImpl(MethodImplOptions.InternalCall)]
        private static extern ulong DivUInt64(ulong a, ulong b);
    }

    /// <summary>Memory that does not move: there is nobody here who would move it. What is outside of it ends the program.</summary>
    public readonly unsafe struct ReadOnlySpan<T>
        where T : unmanaged
    {
        private readonly T* _first;
        private readonly int _length;

        public ReadOnlySpan(void* first, int length)
        {
            _first = (T*)first;
            _length = length;
        }

        public int Length => _length;

        public ref readonly T this[int index]
        {
            get
            {
                if ((uint)index >= (uint)_length)
                {
                    Internal.Runtime.CompilerHelpers.ThrowHelpers.Stop();
                }

                return ref _first[index];
            }
        }

        public ReadOnlySpan<T> Slice(int start, int length)
        {
            if ((uint)start > (uint)_length || (uint)length > (uint)(_length - start))
            {
                Internal.Runtime.CompilerHelpers.ThrowHelpers.Stop();
            }

            return new ReadOnlySpan<T>(_first + start, length);
        }
    }
}
