using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace EdgeConv.Tests.Firmware.Legality;

/// <summary>One instruction of a method's body.</summary>
/// <param name="Code">Which.</param>
/// <param name="Token">Of a field, method, type or signature; 0 where it has none.</param>
/// <param name="Targets">Of a switch.</param>
internal readonly record struct IlInstruction(OpCode Code, int Token, int Targets)
{
    private const byte TwoBytes = 0xFE;

    private static readonly FrozenDictionary<int, OpCode> _codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).Where(code => code.OpCodeType != OpCodeType.Nternal)
        .ToFrozenDictionary(code => code.Value & 0xFFFF);

    /// <summary>
    /// Bytes that it takes in a nanoFramework .pe file: tokens and branches have two bytes there, a switch has one for its count and two a target.
    /// </summary>
    public int NanoBytes => Code.Size + Code.OperandType switch
    {
        OperandType.InlineNone or OperandType.InlineSig => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineI or OperandType.ShortInlineR => 4,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 1 + 2 * Targets,
        _ => 2,
    };

    /// <summary>All of a body.</summary>
    public static IEnumerable<IlInstruction> Read(BlobReader il)
    {
        List<IlInstruction> all = [];
        while (il.RemainingBytes > 0)
        {
            int value = il.ReadByte();
            OpCode code = _codes[value == TwoBytes ? value << 8 | il.ReadByte() : value];
            int token = 0, targets = 0;
            switch (code.OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    il.Offset += 1;
                    break;
                case OperandType.InlineVar:
                    il.Offset += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    il.Offset += 8;
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok or OperandType.InlineSig:
                    token = il.ReadInt32();
                    break;
                case OperandType.InlineSwitch:
                    targets = il.ReadInt32();
                    il.Offset += 4 * targets;
                    break;
                default:
                    il.Offset += 4;
                    break;
            }

            all.Add(new IlInstruction(code, token, targets));
        }

        return all;
    }
}
