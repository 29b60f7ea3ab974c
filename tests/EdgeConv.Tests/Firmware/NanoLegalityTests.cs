using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace EdgeConv.Tests.Firmware;

/// <summary>The microcontroller's code asks for nothing that nanoFramework's CoreLibrary 1.17 lacks.</summary>
public sealed class NanoLegalityTests
{
    // What CoreLibrary 1.17.11 has of what these sources use.
    private static readonly string[] _members =
    [
        "Object..ctor", "String.Concat", "String.get_Chars", "String.get_Length", "Int32.ToString", "UInt32.ToString",
        "RuntimeHelpers.InitializeArray",
    ];

    // Written by the compiler for debuggers; the metadata processor drops attributes.
    private static readonly string[] _attributes =
    [
        "CompilationRelaxationsAttribute", "RuntimeCompatibilityAttribute", "DebuggableAttribute", "CompilerGeneratedAttribute",
        "AssemblyTitleAttribute", "AssemblyCompanyAttribute", "EmbeddedAttribute", "RefSafetyRulesAttribute",
    ];

    [Fact]
    public void Only_members_of_the_list_are_used()
    {
        using PEReader file = new(File.OpenRead(typeof(EdgeConv.Nano.Requantizer).Assembly.Location));
        MetadataReader reader = file.GetMetadataReader();
        string[] used = [.. reader.MemberReferences.Select(handle => Name(reader, reader.GetMemberReference(handle))).Distinct()];
        Assert.Empty(used.Where(name => !_attributes.Any(a => name.StartsWith(a, StringComparison.Ordinal))).Except(_members));
        Assert.Contains("Object..ctor", used);
    }

    [Fact]
    public void Nothing_is_generic()
    {
        using PEReader file = new(File.OpenRead(typeof(EdgeConv.Nano.Requantizer).Assembly.Location));
        MetadataReader reader = file.GetMetadataReader();
        Assert.Equal(0, reader.GetTableRowCount(TableIndex.GenericParam));
        Assert.Equal(0, reader.GetTableRowCount(TableIndex.MethodSpec));
        Assert.Equal(0, reader.GetTableRowCount(TableIndex.TypeSpec));
    }

    private static string Name(MetadataReader reader, MemberReference member)
    {
        string type = member.Parent.Kind == HandleKind.TypeReference
            ? reader.GetString(reader.GetTypeReference((TypeReferenceHandle)member.Parent).Name)
            : member.Parent.Kind.ToString();
        return $"{type}.{reader.GetString(member.Name)}";
    }
}
