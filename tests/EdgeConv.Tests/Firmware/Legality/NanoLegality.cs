using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace EdgeConv.Tests.Firmware.Legality;

/// <summary>
/// What an assembly has or uses that nanoFramework 1.17 does not run: types and members outside of the project's list, opcodes that its CLR refuses
/// or runs otherwise, and sizes that its file format cannot hold. Attributes are left out, since what writes the .pe file leaves them out too.
/// </summary>
internal sealed class NanoLegality
{
    /// <summary>Branches there are 16 bits, signed.</summary>
    public const int MaxBodyBytes = 32767;

    /// <summary>Code of a whole assembly, as its .pe file holds it: offsets are 16 bits.</summary>
    public const int MaxAssemblyCodeBytes = 65535;

    /// <summary>Counts of locals, arguments, stack slots, switch targets, and of a class's methods and fields are one byte there.</summary>
    public const int MaxCount = 255;

    private static readonly HashSet<string> _refused =
    [
        "arglist", "cpblk", "jmp", "initblk", "calli", "ckfinite", "localloc", "mkrefany", "refanytype", "refanyval", "readonly.", "constrained.",
    ];

    private readonly MetadataReader _reader;
    private readonly PEReader _file;
    private readonly NanoApi _api;
    private readonly NanoTypeNames _names;
    private readonly List<string> _problems = [];
    private string _where = "";

    private NanoLegality(PEReader file, NanoApi api)
    {
        _file = file;
        _reader = file.GetMetadataReader();
        _api = api;
        _names = new NanoTypeNames(api, Add);
    }

    /// <summary>All that is wrong with an assembly, each with where it is; empty where nanoFramework 1.17 runs it.</summary>
    /// <param name="assembly">A .NET assembly; closed afterwards.</param>
    public static IReadOnlyList<string> Problems(Stream assembly)
    {
        using PEReader file = new(assembly);
        NanoLegality check = new(file, NanoApi.Project);
        check.Assembly();
        return [.. check._problems.Distinct()];
    }

    /// <summary>Asserts that there are none.</summary>
    public static void AssertLegal(Stream assembly)
    {
        IReadOnlyList<string> problems = Problems(assembly);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private void Assembly()
    {
        foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
        {
            Type(handle);
        }

        int bytes = _reader.MethodDefinitions.Sum(handle => Body(_reader.GetMethodDefinition(handle)) is { } body ? NanoBytes(body) : 0);
        _where = "the assembly";
        Limit(bytes, MaxAssemblyCodeBytes, "bytes of code");
    }

    private void Type(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        string name = _names.GetTypeFromDefinition(_reader, handle, 0);
        _where = name;
        if (type.GetGenericParameters().Count > 0)
        {
            Add("a generic type");
        }

        Use(type.BaseType);
        foreach (InterfaceImplementationHandle implemented in type.GetInterfaceImplementations())
        {
            Use(_reader.GetInterfaceImplementation(implemented).Interface);
        }

        FieldDefinition[] fields = [.. type.GetFields().Select(_reader.GetFieldDefinition)];
        foreach (FieldDefinition field in fields)
        {
            _where = $"{name}.{_reader.GetString(field.Name)}";
            field.DecodeSignature(_names, null);
        }

        MethodDefinition[] methods = [.. type.GetMethods().Select(_reader.GetMethodDefinition)];
        foreach (MethodDefinition method in methods)
        {
            _where = $"{name}.{_reader.GetString(method.Name)}";
            Method(method, (type.Attributes & TypeAttributes.Interface) != 0);
        }

        _where = name;
        Limit(fields.Count(field => (field.Attributes & FieldAttributes.Static) != 0 && (field.Attributes & FieldAttributes.Literal) == 0), MaxCount, "static fields");
        Limit(fields.Count(field => (field.Attributes & FieldAttributes.Static) == 0), MaxCount, "fields");
        Limit(methods.Count(method => (method.Attributes & MethodAttributes.Static) != 0), MaxCount, "static methods");
        Limit(methods.Count(method => (method.Attributes & MethodAttributes.Virtual) != 0), MaxCount, "virtual methods");
        Limit(methods.Count(method => (method.Attributes & (MethodAttributes.Static | MethodAttributes.Virtual)) == 0), MaxCount, "methods");
    }

    private void Method(MethodDefinition method, bool isInInterface)
    {
        if (method.GetGenericParameters().Count > 0)
        {
            Add("a generic method");
        }

        if ((method.Attributes & MethodAttributes.PinvokeImpl) != 0)
        {
            Add("a function of a native library");
        }

        MethodSignature<string> signature = method.DecodeSignature(_names, null);
        Limit(signature.ParameterTypes.Length + (signature.Header.IsInstance ? 1 : 0), MaxCount, "arguments");
        if (Body(method) is not { } body)
        {
            return;
        }

        if (isInInterface)
        {
            Add("a body in an interface");
        }

        Limit(body.GetILReader().Length, MaxBodyBytes, "bytes of code");
        Limit(body.MaxStack, MaxCount, "stack slots");
        if (!body.LocalSignature.IsNil)
        {
            Limit(_reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_names, null).Length, MaxCount, "locals");
        }

        foreach (ExceptionRegion region in body.ExceptionRegions.Where(region => region.Kind == ExceptionRegionKind.Catch))
        {
            Use(region.CatchType);
        }

        foreach (IlInstruction instruction in IlInstruction.Read(body.GetILReader()))
        {
            Instruction(instruction);
        }
    }

    private void Instruction(in IlInstruction instruction)
    {
        string code = instruction.Code.Name!;
        if (_refused.Contains(code))
        {
            Add($"opcode {code}");
        }
        else if (code.Contains(".ovf", StringComparison.Ordinal))
        {
            Add($"opcode {code} (checked): it does not check there");
        }

        Limit(instruction.Targets, MaxCount, "targets of a switch");
        if (instruction.Token != 0 && instruction.Code.OperandType is not (OperandType.InlineString or OperandType.InlineSig))
        {
            Use(MetadataTokens.EntityHandle(instruction.Token));
        }
    }

    /// <summary>What a base type, an interface or an instruction names.</summary>
    private void Use(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeReference when !handle.IsNil:
                _names.GetTypeFromReference(_reader, (TypeReferenceHandle)handle, 0);
                break;
            case HandleKind.TypeSpecification:
                _names.GetTypeFromSpecification(_reader, null, (TypeSpecificationHandle)handle, 0);
                break;
            case HandleKind.MethodSpecification:
                Add("a call of a generic method");
                Use(_reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
                break;
            case HandleKind.MemberReference:
                Member(_reader.GetMemberReference((MemberReferenceHandle)handle));
                break;
        }
    }

    private void Member(MemberReference member)
    {
        Use(member.Parent);
        string name = _reader.GetString(member.Name);
        if (member.Parent.Kind != HandleKind.TypeReference)
        {
            return;
        }

        string parent = _names.GetTypeFromReference(_reader, (TypeReferenceHandle)member.Parent, 0), signature;
        if (member.GetKind() == MemberReferenceKind.Field)
        {
            signature = $"{parent}::{name}:{member.DecodeFieldSignature(_names, null)}";
        }
        else
        {
            MethodSignature<string> method = member.DecodeMethodSignature(_names, null);
            signature = $"{parent}::{name}({string.Join(",", method.ParameterTypes)}):{method.ReturnType}";
        }

        if (!NanoTypeNames.IsOwn(_reader, _reader.GetTypeReference((TypeReferenceHandle)member.Parent)) && !_api.HasMember(signature))
        {
            Add($"member {signature}, which is not in {Path.GetFileName(NanoApi.FilePath)}");
        }
    }

    private MethodBodyBlock? Body(MethodDefinition method) => method.RelativeVirtualAddress == 0 ? null : _file.GetMethodBody(method.RelativeVirtualAddress);

    /// <summary>With its table of handlers: twelve bytes each, and one for their number.</summary>
    private static int NanoBytes(MethodBodyBlock body) => IlInstruction.Read(body.GetILReader()).Sum(instruction => instruction.NanoBytes)
        + (body.ExceptionRegions.Length > 0 ? 12 * body.ExceptionRegions.Length + 1 : 0);

    private void Limit(int found, int most, string what)
    {
        if (found > most)
        {
            Add($"{found} {what}, at most {most}");
        }
    }

    private void Add(string problem) => _problems.Add($"{_where}: {problem}");
}
