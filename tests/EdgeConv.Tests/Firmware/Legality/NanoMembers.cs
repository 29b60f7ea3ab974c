using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace EdgeConv.Tests.Firmware.Legality;

/// <summary>The types and members that an assembly offers, written as the list writes them.</summary>
internal static class NanoMembers
{
    /// <summary>Of an assembly's file.</summary>
    public static HashSet<string> Of(string assembly)
    {
        using PEReader file = new(File.OpenRead(assembly));
        MetadataReader reader = file.GetMetadataReader();
        NanoTypeNames names = new(NanoApi.Project, _ => { });
        HashSet<string> all = [];
        foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            string name = names.GetTypeFromDefinition(reader, handle, 0);
            all.Add(name);
            foreach (MethodDefinition method in type.GetMethods().Select(reader.GetMethodDefinition).Where(method => IsVisible((int)method.Attributes)))
            {
                MethodSignature<string> signature = method.DecodeSignature(names, null);
                all.Add($"{name}::{reader.GetString(method.Name)}({string.Join(",", signature.ParameterTypes)}):{signature.ReturnType}");
            }

            foreach (FieldDefinition field in type.GetFields().Select(reader.GetFieldDefinition).Where(field => IsVisible((int)field.Attributes)))
            {
                all.Add($"{name}::{reader.GetString(field.Name)}:{field.DecodeSignature(names, null)}");
            }
        }

        return all;
    }

    /// <summary>Public, or protected; methods and fields have the same numbers for it.</summary>
    private static bool IsVisible(int attributes) => (attributes & (int)MethodAttributes.MemberAccessMask) is (int)MethodAttributes.Public or (int)MethodAttributes.Family
        or (int)MethodAttributes.FamORAssem;
}
