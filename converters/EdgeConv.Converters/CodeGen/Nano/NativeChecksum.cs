using System.Text;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>
/// The number by which nanoFramework's runtime knows that its native methods are those that an assembly was compiled against: a CRC-32 (polynomial
/// 0x04C11DB7, highest bit first, begun with 0, not inverted) over the assembly's, the class's and the method's name, method after method, but of
/// the first method its own name only. The metadata processor writes it into the .pe.
/// </summary>
internal static class NativeChecksum
{
    private const uint Polynomial = 0x04C11DB7;

    /// <summary>Of an assembly whose methods are all native.</summary>
    /// <param name="assembly">Its name.</param>
    /// <param name="className">Namespace and name, _ for each dot.</param>
    /// <param name="methods">As <see cref="Method"/> writes them, in their order.</param>
    public static uint Of(string assembly, string className, IEnumerable<string> methods)
    {
        uint? crc = null;
        foreach (string method in methods)
        {
            crc = Append(crc is { } before ? Append(Append(before, assembly), className) : 0, method);
        }

        return crc ?? 0;
    }

    /// <summary>A static method's name in native code: of it, of what it returns and of its parameters' types.</summary>
    /// <param name="name">As C# has it.</param>
    /// <param name="types">VOID, I4, SZARRAY_I1...; the returned one first.</param>
    public static string Method(string name, params string[] types) => $"{name}___STATIC__{string.Join("__", types)}";

    private static uint Append(uint crc, string text)
    {
        foreach (byte value in Encoding.ASCII.GetBytes(text))
        {
            crc ^= (uint)value << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80000000) != 0 ? (crc << 1) ^ Polynomial : crc << 1;
            }
        }

        return crc;
    }
}
