// What the compilers look for besides the types of a program: attributes, and methods that compiled code may call.

namespace System.Reflection
{
    public sealed class DefaultMemberAttribute : Attribute
    {
        public DefaultMemberAttribute(string name)
        {
        }
    }
}

namespace System.Runtime
{
    /// <summary>A method that C calls by a name.</summary>
    public sealed class RuntimeExportAttribute : Attribute
    {
        public RuntimeExportAttribute(string name)
        {
        }
    }

    /// <summary>A function of C that C# calls by a name.</summary>
    public sealed class RuntimeImportAttribute : Attribute
    {
        public RuntimeImportAttribute(string library, string name)
        {
        }
    }

    /// <summary>Nothing is cast here.</summary>
    internal static unsafe class TypeCast
    {
        private static object CheckCastInterface(void* type, object value) => CheckCastAny(type, value);

        private static object CheckCastClass(void* type, object value) => CheckCastAny(type, value);

        private static object CheckCastClassSpecial(void* type, object value) => CheckCastAny(type, value);

        private static object IsInstanceOfAny(void* type, object value) => CheckCastAny(type, value);

        private static object IsInstanceOfInterface(void* type, object value) => CheckCastAny(type, value);

        private static object IsInstanceOfClass(void* type, object value) => CheckCastAny(type, value);

        private static object IsInstanceOfException(void* type, object value) => CheckCastAny(type, value);

        private static object CheckCastAny(void* type, object value)
        {
            Internal.Runtime.CompilerHelpers.ThrowHelpers.Stop();
            return value;
        }
    }
}

namespace System.Runtime.InteropServices
{
    public enum UnmanagedType
    {
    }

    public interface IDynamicInterfaceCastable
    {
        RuntimeTypeHandle GetDynamicInterfaceImplementation(RuntimeTypeHandle type);
    }

    public sealed class InAttribute : Attribute
    {
    }
}

namespace System.Runtime.CompilerServices
{
    public enum MethodImplOptions
    {
        InternalCall = 0x1000,
    }

    public sealed class MethodImplAttribute : Attribute
    {
        public MethodImplAttribute(MethodImplOptions options)
        {
        }
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    using System.Runtime;
    using System.Runtime.CompilerServices;

    /// <summary>Where compiled code goes when something is wrong.</summary>
    internal static class ThrowHelpers
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("*", "edgeconv_cs_stop")]
        public static extern void Stop();

        private static void ThrowFeatureBodyRemoved() => Stop();
    }
}
