using System.Reflection;

namespace EdgeConv.Runtime.Tests;

/// <summary>What other people's code may call is written down; a change of it is a change of PublicApi.txt in the same commit.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_one_written_down()
    {
        string[] found = [.. typeof(Model).Assembly.GetExportedTypes().SelectMany(Members).Order(StringComparer.Ordinal)];
        string[] expected = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "PublicApi.txt"));
        string added = string.Join('\n', found.Except(expected)), removed = string.Join('\n', expected.Except(found));
        Assert.True(added.Length + removed.Length == 0, $"not in PublicApi.txt:\n{added}\nno longer there:\n{removed}");
    }

    private static IEnumerable<string> Members(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type.IsAbstract && type.IsSealed ? "static class" : "class";
        yield return $"{Name(type)}: {kind}{(type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) ? " : " + Name(b) : "")}";
        foreach (MemberInfo member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        {
            string? line = member switch
            {
                MethodInfo { IsSpecialName: true } => null,
                MethodInfo m when IsOfEveryRecord(m) => null,
                MethodInfo m => $"{m.Name}({Parameters(m)}) -> {Name(m.ReturnType)}",
                ConstructorInfo c => $"new({Parameters(c)})",
                PropertyInfo p when p.Name == "EqualityContract" => null,
                PropertyInfo p => $"{p.Name} {{ {(p.CanRead ? "get; " : "")}{(p.SetMethod is { IsPublic: true } ? "set; " : "")}}} : {Name(p.PropertyType)}",
                FieldInfo f when f.IsLiteral => $"{f.Name} = {f.GetRawConstantValue()}",
                FieldInfo f when f.Name == "value__" => null,
                FieldInfo f => $"{f.Name} : {Name(f.FieldType)}",
                _ => null,
            };
            if (line is not null)
            {
                yield return $"{Name(type)}.{line}";
            }
        }
    }

    private static bool IsOfEveryRecord(MethodInfo m) => m.Name is "Equals" or "GetHashCode" or "ToString" or "Deconstruct" or "<Clone>$";

    private static string Parameters(MethodBase m) => string.Join(", ", m.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}"));

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.IsArray ? Name(type.GetElementType()!) + "[]" : type.IsByRef ? "ref " + Name(type.GetElementType()!) : type.Name;
}
