using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace EdgeConv.Tests.Firmware.Legality;

/// <summary>Names of the types in a signature, as the list has them; what nanoFramework has not is told to a listener.</summary>
internal sealed class NanoTypeNames(NanoApi api, Action<string> problem) : ISignatureTypeProvider<string, object?>
{
    public string GetPrimitiveType(PrimitiveTypeCode code)
    {
        if (code == PrimitiveTypeCode.TypedReference)
        {
            problem("TypedReference");
        }

        return $"System.{code}";
    }

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        string name = reader.GetString(type.Name);
        return type.IsNested ? $"{GetTypeFromDefinition(reader, type.GetDeclaringType(), 0)}+{name}" : Join(reader.GetString(type.Namespace), name);
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        TypeReference type = reader.GetTypeReference(handle);
        string name = Name(reader, handle);
        if (!IsOwn(reader, type) && !api.HasType(name))
        {
            problem($"type {name}, which is not in {Path.GetFileName(NanoApi.FilePath)}");
        }

        return name;
    }

    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetArrayType(string elementType, ArrayShape shape) =>
        Refused($"{elementType}[{new string(',', shape.Rank - 1)}]", "an array of several dimensions");

    public string GetPointerType(string elementType) => Refused(elementType + "*", "a pointer");

    public string GetFunctionPointerType(MethodSignature<string> signature) => Refused("delegate*", "a function pointer");

    public string GetPinnedType(string elementType) => Refused(elementType, "a pinned local");

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        Refused($"{genericType}<{string.Join(",", typeArguments)}>", "a generic type");

    public string GetGenericMethodParameter(object? genericContext, int index) => Refused($"!!{index}", "a generic parameter");

    public string GetGenericTypeParameter(object? genericContext, int index) => Refused($"!{index}", "a generic parameter");

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    /// <summary>Whether a type is the project's own, in an assembly that is held against the list by itself.</summary>
    public static bool IsOwn(MetadataReader reader, TypeReference type) => type.ResolutionScope.Kind switch
    {
        HandleKind.AssemblyReference => reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name)
            .StartsWith("EdgeConv.Nano", StringComparison.Ordinal),
        HandleKind.TypeReference => IsOwn(reader, reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope)),
        _ => false,
    };

    private static string Name(MetadataReader reader, TypeReferenceHandle handle)
    {
        TypeReference type = reader.GetTypeReference(handle);
        string name = reader.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{Name(reader, (TypeReferenceHandle)type.ResolutionScope)}+{name}"
            : Join(reader.GetString(type.Namespace), name);
    }

    private static string Join(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";

    private string Refused(string name, string what)
    {
        problem($"{name}, {what}");
        return name;
    }
}
