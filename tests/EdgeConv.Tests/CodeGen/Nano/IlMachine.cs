using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace EdgeConv.Tests.CodeGen.Nano;

/// <summary>
/// Runs the byte code of a compiled project operation by operation, as nanoFramework's interpreter does, and counts them. It knows what generated
/// code and its library need, and nothing else.
/// </summary>
internal sealed class IlMachine
{
    private static readonly FrozenDictionary<int, OpCode> _codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).Where(code => code.OpCodeType != OpCodeType.Nternal).ToFrozenDictionary(code => code.Value & 0xFFFF);

    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly Dictionary<int, Body> _bodies = [];
    private readonly Dictionary<int, Value> _statics = [];

    /// <param name="image">The assembly.</param>
    public IlMachine(byte[] image)
    {
        _file = new PEReader(new MemoryStream(image));
        _metadata = _file.GetMetadataReader();
        foreach (MethodDefinitionHandle method in _metadata.MethodDefinitions.Where(m => Name(_metadata.GetMethodDefinition(m).Name) == ".cctor"))
        {
            Call(MetadataTokens.GetToken(method), []);
        }
    }

    /// <summary>Operations so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Makes a model.</summary>
    /// <param name="weights">What its resource holds.</param>
    public object Create(byte[] weights)
    {
        Instance source = New("ArrayWeights", new Value(weights));
        return New("Model", new Value(source));
    }

    /// <summary>Input to output.</summary>
    public void Run(object model, sbyte[] input, sbyte[] output) => Call(Find("Model", "Run"), [new Value(model), new Value(input), new Value(output)]);

    private Instance New(string type, params Value[] arguments)
    {
        Instance instance = new();
        Call(Find(type, ".ctor"), [new Value(instance), .. arguments]);
        return instance;
    }

    private int Find(string type, string method) => MetadataTokens.GetToken(_metadata.TypeDefinitions.Select(_metadata.GetTypeDefinition)
        .Single(t => Name(t.Name) == type).GetMethods().Single(m => Name(_metadata.GetMethodDefinition(m).Name) == method));

    private string Name(StringHandle handle) => _metadata.GetString(handle);

    private Value Call(int token, Value[] arguments)
    {
        if (!_bodies.TryGetValue(token, out Body? body))
        {
            _bodies[token] = body = Read((MethodDefinitionHandle)MetadataTokens.EntityHandle(token));
        }

        Value[] locals = new Value[256], stack = new Value[64];
        int top = 0, at = 0;
        while (true)
        {
            Instruction step = body.Instructions[at++];
            Operations++;
            string name = step.Code;
            switch (name)
            {
                case "nop": break;
                case "ret": return top > 0 ? stack[--top] : default;
                case "ldarg": stack[top++] = arguments[step.Number]; break;
                case "starg": arguments[step.Number] = stack[--top]; break;
                case "ldloc": stack[top++] = locals[step.Number]; break;
                case "stloc": locals[step.Number] = stack[--top]; break;
                case "ldc.i4": stack[top++] = Value.Of((int)step.Number); break;
                case "ldc.i8": stack[top++] = Value.Of(step.Long); break;
                case "ldnull": stack[top++] = new Value((object?)null); break;
                case "ldstr": stack[top++] = new Value(""); break;
                case "dup": stack[top] = stack[top - 1]; top++; break;
                case "pop": top--; break;
                case "ldsfld": stack[top++] = _statics[step.Number]; break;
                case "stsfld": _statics[step.Number] = stack[--top]; break;
                case "ldfld": stack[top - 1] = ((Instance)stack[top - 1].Reference!).Fields.GetValueOrDefault(step.Number); break;
                case "stfld": ((Instance)stack[top - 2].Reference!).Fields[step.Number] = stack[top - 1]; top -= 2; break;
                case "newarr": stack[top - 1] = new Value(NewArray(step.Number, (int)stack[top - 1].Bits)); break;
                case "ldlen": stack[top - 1] = Value.Of(((Array)stack[top - 1].Reference!).Length); break;
                case "newobj":
                    Instance made = new();
                    int count = Parameters(step.Number);
                    Call(step.Number, [new Value(made), .. stack[(top - count)..top]]);
                    top -= count;
                    stack[top++] = new Value(made);
                    break;
                case "call" or "callvirt": top = Invoke(step.Number, stack, top); break;
                case "ldtoken": stack[top++] = new Value(Data(step.Number)); break;
                case "br": at = step.Number; break;
                case "brtrue": at = IsTrue(stack[--top]) ? step.Number : at; break;
                case "brfalse": at = IsTrue(stack[--top]) ? at : step.Number; break;
                case "neg": stack[top - 1] = stack[top - 1].Like(-stack[top - 1].Bits); break;
                case "not": stack[top - 1] = stack[top - 1].Like(~stack[top - 1].Bits); break;
                default:
                    if (name.StartsWith("ldelem.", StringComparison.Ordinal))
                    {
                        stack[top - 2] = Element(stack[top - 2].Reference!, (int)stack[top - 1].Bits);
                        top--;
                    }
                    else if (name.StartsWith("stelem.", StringComparison.Ordinal))
                    {
                        Store(stack[top - 3].Reference!, (int)stack[top - 2].Bits, stack[top - 1]);
                        top -= 3;
                    }
                    else if (name.StartsWith("conv.", StringComparison.Ordinal))
                    {
                        stack[top - 1] = Converted(name, stack[top - 1]);
                    }
                    else if (name[0] == 'b' || name[0] == 'c')
                    {
                        bool holds = Compare(name, stack[top - 2], stack[top - 1]);
                        top -= 2;
                        if (name[0] == 'b')
                        {
                            at = holds ? step.Number : at;
                        }
                        else
                        {
                            stack[top++] = Value.Of(holds ? 1 : 0);
                        }
                    }
                    else
                    {
                        stack[top - 2] = Calculate(name, stack[top - 2], stack[top - 1]);
                        top--;
                    }

                    break;
            }
        }
    }

    private int Invoke(int token, Value[] stack, int top)
    {
        EntityHandle handle = MetadataTokens.EntityHandle(token);
        if (handle.Kind == HandleKind.MethodDefinition)
        {
            MethodDefinition method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
            bool isStatic = (method.Attributes & MethodAttributes.Static) != 0;
            int count = Parameters(token) + (isStatic ? 0 : 1);
            // The one abstract class of the library is the weights', and there is one implementation here.
            int target = (method.Attributes & MethodAttributes.Abstract) != 0 ? Find("ArrayWeights", Name(method.Name)) : token;
            Value result = Call(target, stack[(top - count)..top]);
            top -= count;
            if (Returns(method.Signature))
            {
                stack[top++] = result;
            }

            return top;
        }

        MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
        switch (Name(member.Name))
        {
            case ".ctor": return top - 1;
            case "InitializeArray":
                byte[] data = (byte[])stack[top - 1].Reference!;
                Buffer.BlockCopy(data, 0, (Array)stack[top - 2].Reference!, 0, Buffer.ByteLength((Array)stack[top - 2].Reference!));
                return top - 2;
            case "Copy":
                Array.Copy((Array)stack[top - 5].Reference!, (int)stack[top - 4].Bits, (Array)stack[top - 3].Reference!, (int)stack[top - 2].Bits, (int)stack[top - 1].Bits);
                return top - 5;
            case "ToInt32": stack[top - 2] = Value.Of(BitConverter.ToInt32((byte[])stack[top - 2].Reference!, (int)stack[top - 1].Bits)); return top - 1;
            case "ToUInt32": stack[top - 2] = Value.Of((int)BitConverter.ToUInt32((byte[])stack[top - 2].Reference!, (int)stack[top - 1].Bits)); return top - 1;
            case "ToInt64": stack[top - 2] = Value.Of(BitConverter.ToInt64((byte[])stack[top - 2].Reference!, (int)stack[top - 1].Bits)); return top - 1;
            default: throw new NotSupportedException($"a call of {Name(member.Name)}");
        }
    }

    private int Parameters(int token)
    {
        BlobReader signature = _metadata.GetBlobReader(_metadata.GetMethodDefinition((MethodDefinitionHandle)MetadataTokens.EntityHandle(token)).Signature);
        signature.ReadSignatureHeader();
        return signature.ReadCompressedInteger();
    }

    private bool Returns(BlobHandle signature)
    {
        BlobReader reader = _metadata.GetBlobReader(signature);
        reader.ReadSignatureHeader();
        reader.ReadCompressedInteger();
        return reader.ReadSignatureTypeCode() != SignatureTypeCode.Void;
    }

    private byte[] Data(int token)
    {
        FieldDefinition field = _metadata.GetFieldDefinition((FieldDefinitionHandle)MetadataTokens.EntityHandle(token));
        PEMemoryBlock block = _file.GetSectionData(field.GetRelativeVirtualAddress());
        return [.. block.GetContent(0, Math.Min(block.Length, 4 * 1024))];
    }

    private Array NewArray(int token, int length) => Name(_metadata.GetTypeReference((TypeReferenceHandle)MetadataTokens.EntityHandle(token)).Name) switch
    {
        "SByte" => new sbyte[length],
        "Byte" => new byte[length],
        "Int32" => new int[length],
        "UInt32" => new uint[length],
        "Int64" => new long[length],
        "String" => new string[length],
        string name => throw new NotSupportedException($"an array of {name}"),
    };

    // To the runtime an array of bytes is one of signed bytes as well.
    private static bool IsUnsigned(object array) => array.GetType() == typeof(byte[]);

    private static bool IsTrue(Value value) => value.Bits != 0 || value.Reference is not null;

    private static Value Element(object array, int index) => array switch
    {
        byte[] a when IsUnsigned(array) => Value.Of(a[index]),
        sbyte[] a => Value.Of(a[index]),
        int[] a => Value.Of(a[index]),
        long[] a => Value.Of(a[index]),
        _ => throw new NotSupportedException(),
    };

    private static void Store(object array, int index, Value value)
    {
        switch (array)
        {
            case sbyte[] a: a[index] = (sbyte)value.Bits; break;
            case int[] a: a[index] = (int)value.Bits; break;
            case long[] a: a[index] = value.Bits; break;
            case string[]: break;
            default: throw new NotSupportedException();
        }
    }

    private static Value Converted(string name, Value value) => name switch
    {
        "conv.i1" => Value.Of((sbyte)value.Bits),
        "conv.u1" => Value.Of((byte)value.Bits),
        "conv.i4" or "conv.u4" => Value.Of((int)value.Bits),
        "conv.i8" => Value.Of(value.Bits),
        "conv.u8" => Value.Of(value.Is64 ? value.Bits : (uint)value.Bits),
        _ => throw new NotSupportedException(name),
    };

    private static bool Compare(string name, Value a, Value b)
    {
        ulong Unsigned(Value v) => v.Is64 ? (ulong)v.Bits : (uint)v.Bits;
        return name switch
        {
            "beq" or "ceq" => a.Bits == b.Bits && ReferenceEquals(a.Reference, b.Reference),
            "bne.un" => a.Bits != b.Bits || !ReferenceEquals(a.Reference, b.Reference),
            "blt" or "clt" => a.Bits < b.Bits,
            "ble" => a.Bits <= b.Bits,
            "bgt" or "cgt" => a.Bits > b.Bits,
            "bge" => a.Bits >= b.Bits,
            "blt.un" or "clt.un" => Unsigned(a) < Unsigned(b),
            "ble.un" => Unsigned(a) <= Unsigned(b),
            "bgt.un" or "cgt.un" => a.Reference is not null || Unsigned(a) > Unsigned(b),
            "bge.un" => Unsigned(a) >= Unsigned(b),
            _ => throw new NotSupportedException(name),
        };
    }

    private static Value Calculate(string name, Value a, Value b) => name switch
    {
        "add" => a.Like(a.Bits + b.Bits),
        "sub" => a.Like(a.Bits - b.Bits),
        "mul" => a.Like(a.Bits * b.Bits),
        "div" => a.Like(a.Bits / b.Bits),
        "and" => a.Like(a.Bits & b.Bits),
        "or" => a.Like(a.Bits | b.Bits),
        "xor" => a.Like(a.Bits ^ b.Bits),
        "shl" => a.Is64 ? Value.Of(a.Bits << (int)b.Bits) : Value.Of((int)a.Bits << (int)b.Bits),
        "shr" => a.Is64 ? Value.Of(a.Bits >> (int)b.Bits) : Value.Of((int)a.Bits >> (int)b.Bits),
        "shr.un" => a.Is64 ? Value.Of((long)((ulong)a.Bits >> (int)b.Bits)) : Value.Of((int)((uint)a.Bits >> (int)b.Bits)),
        _ => throw new NotSupportedException(name),
    };

    private Body Read(MethodDefinitionHandle handle)
    {
        BlobReader il = _file.GetMethodBody(_metadata.GetMethodDefinition(handle).RelativeVirtualAddress).GetILReader();
        List<Instruction> all = [];
        Dictionary<int, int> places = [];
        while (il.RemainingBytes > 0)
        {
            places[il.Offset] = all.Count;
            int value = il.ReadByte();
            OpCode code = _codes[value == 0xFE ? value << 8 | il.ReadByte() : value];
            all.Add(Plain(code, ref il));
        }

        return new Body([.. all.Select(i => i.IsBranch ? i with { Number = places[i.Number] } : i)]);
    }

    /// <summary>Short forms become the long ones; it is one operation either way.</summary>
    private static Instruction Plain(OpCode code, ref BlobReader il)
    {
        string name = code.Name!;
        switch (code.OperandType)
        {
            case OperandType.ShortInlineBrTarget:
                int near = il.ReadSByte();
                return new(name[..^2], il.Offset + near, 0, true);
            case OperandType.InlineBrTarget:
                int far = il.ReadInt32();
                return new(name, il.Offset + far, 0, true);
            case OperandType.ShortInlineVar: return new(name[..^2], il.ReadByte(), 0, false);
            case OperandType.InlineVar: return new(name, il.ReadUInt16(), 0, false);
            case OperandType.ShortInlineI: return new("ldc.i4", il.ReadSByte(), 0, false);
            case OperandType.InlineI8: return new(name, 0, il.ReadInt64(), false);
            case OperandType.InlineNone:
                string[] parts = name.Split('.');
                return parts[0] is "ldarg" or "ldloc" or "stloc" ? new(parts[0], int.Parse(parts[1]), 0, false)
                    : name.StartsWith("ldc.i4.", StringComparison.Ordinal) ? new("ldc.i4", parts[2] == "m1" ? -1 : int.Parse(parts[2]), 0, false)
                    : new(name, 0, 0, false);
            default: return new(name, il.ReadInt32(), 0, false);
        }
    }

    private sealed record Body(Instruction[] Instructions);

    private readonly record struct Instruction(string Code, int Number, long Long, bool IsBranch);

    private sealed class Instance
    {
        public Dictionary<int, Value> Fields { get; } = [];
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Value(long bits, object? reference, bool is64)
    {
        public Value(object? reference) : this(0, reference, false)
        {
        }

        public long Bits => bits;

        public object? Reference => reference;

        public bool Is64 => is64;

        public static Value Of(int value) => new(value, null, false);

        public static Value Of(long value) => new(value, null, true);

        public Value Like(long value) => is64 ? Of(value) : Of((int)value);
    }
}
