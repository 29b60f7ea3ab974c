using System.Buffers.Binary;
using System.Globalization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Tables of generated C that lie in one of two flash slots instead of in the program: one block of bytes, with a header that says whether it is whole,
/// which version it is, and for which code it was made. What a retrained model changes beside its tables is in the code, whose identity then differs.
/// </summary>
/// <param name="prefix">Of the model's functions.</param>
internal sealed class CWeights(string prefix)
{
    /// <summary>Of slots and tables.</summary>
    public const int Alignment = 8;

    // Words of 1, 2, 4 or 8 bytes; a step is three words.
    private static readonly Dictionary<string, int> _bytes = new()
    {
        ["int8_t"] = 1,
        ["uint8_t"] = 1,
        ["int16_t"] = 2,
        ["int32_t"] = 4,
        ["uint32_t"] = 4,
        ["int64_t"] = 8,
        ["edgeconv_step"] = 4,
    };

    private readonly MemoryStream _tables = new();

    /// <summary>Bytes of a slot.</summary>
    public int Length => SlotImage.HeaderBytes + (int)_tables.Length;

    /// <summary>Puts a table into the slot.</summary>
    /// <param name="type">Its C type.</param>
    /// <param name="name">Its name.</param>
    /// <param name="values">As text.</param>
    /// <returns>What C says instead of the table.</returns>
    public string Add(string type, string name, IEnumerable<string> values)
    {
        int size = _bytes[type], offset = Length;
        Span<byte> word = stackalloc byte[sizeof(long)];
        foreach (string number in values.SelectMany(value => value.Trim('{', '}', ' ').Split(", ")))
        {
            BinaryPrimitives.WriteInt64LittleEndian(word, long.Parse(number.TrimEnd('u'), CultureInfo.InvariantCulture));
            _tables.Write(word[..size]);
        }

        _tables.Write(new byte[(Alignment - _tables.Length % Alignment) % Alignment]);
        return string.Create(CultureInfo.InvariantCulture, $"#define {name} ((const {type} *)(const void *)({prefix}_slot + {offset}))");
    }

    /// <summary>The slot.</summary>
    /// <param name="version">The newest whole slot is taken.</param>
    /// <param name="code">Identity of the code that it fits.</param>
    public byte[] ToSlot(uint version, uint code) => SlotImage.Write(_tables.ToArray(), version, code);

    /// <summary>The C that picks a slot.</summary>
    /// <param name="macro">Prefix of macros.</param>
    public string Init(string macro) => $$"""
        /* A word of a slot, wherever that lies. */
        static uint32_t {{prefix}}_slot_word(const uint8_t *slot, int32_t at)
        {
            return (uint32_t)slot[at] | (uint32_t)slot[at + 1] << 8 | (uint32_t)slot[at + 2] << 16 | (uint32_t)slot[at + 3] << 24;
        }

        /* Whole, undamaged, and made for this code. */
        static int32_t {{prefix}}_slot_is_whole(const uint8_t *slot)
        {
            return slot != 0 && ((uintptr_t)slot & {{Alignment - 1}}u) == 0u && {{prefix}}_slot_word(slot, 0) == 0x{{SlotImage.Magic:X8}}u
                && {{prefix}}_slot_word(slot, {{SlotImage.LengthAt}}) == {{macro}}_SLOT_BYTES && {{prefix}}_slot_word(slot, {{SlotImage.CodeAt}}) == {{SlotCode.Place}}
                && edgeconv_crc((const int8_t *)slot + {{SlotImage.VersionAt}}, {{macro}}_SLOT_BYTES - {{SlotImage.VersionAt}}) == {{prefix}}_slot_word(slot, {{SlotImage.CrcAt}});
        }

        int32_t {{prefix}}_init(const void *first, const void *second)
        {
            const uint8_t *slots[2];
            int32_t whole[2];
            int32_t pick, tries, i;
            slots[0] = (const uint8_t *)first;
            slots[1] = (const uint8_t *)second;
            for (i = 0; i < {{macro}}_ARENA_BYTES / 4; i++) {
                {{prefix}}_memory[i] = 0;
            }
            whole[0] = {{prefix}}_slot_is_whole(slots[0]);
            whole[1] = {{prefix}}_slot_is_whole(slots[1]);
            pick = whole[1] && (!whole[0] || {{prefix}}_slot_word(slots[1], {{SlotImage.VersionAt}}) > {{prefix}}_slot_word(slots[0], {{SlotImage.VersionAt}}));
            for (tries = 0; tries < 2; tries++, pick = 1 - pick) {
                {{prefix}}_slot = slots[pick];
                if (whole[pick] && {{prefix}}_selftest() <= 0) {
                    return pick + 1;
                }
            }
            {{prefix}}_slot = 0;
            return 0;
        }
        """;
}
