using System.Buffers.Binary;
using EdgeConv.Converters;

namespace EdgeConv.Trainer.Native;

/// <summary>The version needs of a 64-bit little-endian ELF file. Layout: gABI, "Symbol Versioning" (.gnu.version_r).</summary>
internal static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe;
    private const ushort WeakFlag = 2;

    /// <summary>
    /// Marks one needed version weak, so that the loader goes on where no library provides it. Safe only for versions that no symbol
    /// with a relocation uses. The file is replaced atomically and keeps its time; when nothing is to be done it is not touched.
    /// </summary>
    /// <returns>True when the file was changed.</returns>
    /// <exception cref="InvalidDataException">Not an ELF file, or its tables lead outside of it.</exception>
    public static bool MarkWeak(string path, string version)
    {
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            if (!MarkWeak(bytes, version)) return false;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new InvalidDataException($"{path}: its ELF tables lead outside of the file.", e);
        }
        DateTime written = File.GetLastWriteTimeUtc(path);
        AtomicFile.Write(path, bytes);
        File.SetLastWriteTimeUtc(path, written); // or the next build would copy the package's file over it
        return true;
    }

    private static bool MarkWeak(Span<byte> file, string version)
    {
        if (file.Length < 64 || U32(file, 0) != 0x464C457F || file[4] != 2 || file[5] != 1)
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
        int sections = Offset(file, 40), sectionSize = U16(file, 58), sectionCount = U16(file, 60);
        bool changed = false;
        for (int i = 0; i < sectionCount; i++)
        {
            Span<byte> header = file.Slice(sections + i * sectionSize, 64);
            if (U32(header, 4) != VersionNeedSection) continue;
            Span<byte> strings = Section(file, file.Slice(sections + (int)U32(header, 40) * sectionSize, 64));
            changed |= MarkWeak(Section(file, header), strings, version);
        }
        return changed;
    }

    /// <summary>Walks the needed files and, in each, the needed versions; both are linked by offsets of which the last is 0.</summary>
    private static bool MarkWeak(Span<byte> needs, ReadOnlySpan<byte> strings, string version)
    {
        bool changed = false;
        for (int need = 0, next; ; need += next)
        {
            int aux = need + (int)U32(needs, need + 8);
            for (int k = U16(needs, need + 2); k > 0; k--)
            {
                ReadOnlySpan<byte> name = strings[(int)U32(needs, aux + 8)..];
                ushort flags = U16(needs, aux + 4);
                if (Matches(name, version) && (flags & WeakFlag) == 0)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(needs[(aux + 4)..], (ushort)(flags | WeakFlag));
                    changed = true;
                }
                aux += (int)U32(needs, aux + 12);
            }
            next = (int)U32(needs, need + 12);
            if (next == 0) return changed;
        }
    }

    private static bool Matches(ReadOnlySpan<byte> name, string version)
    {
        if (name.Length <= version.Length || name[version.Length] != 0) return false;
        for (int i = 0; i < version.Length; i++)
            if (name[i] != version[i]) return false;
        return true;
    }

    private static Span<byte> Section(Span<byte> file, ReadOnlySpan<byte> header) => file.Slice(Offset(header, 24), Offset(header, 32));

    private static int Offset(ReadOnlySpan<byte> bytes, int at) =>
        (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]), int.MaxValue);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
}
