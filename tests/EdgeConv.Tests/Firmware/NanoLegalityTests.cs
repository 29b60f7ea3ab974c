using EdgeConv.Tests.Firmware.Legality;
using Microsoft.CodeAnalysis;

namespace EdgeConv.Tests.Firmware;

/// <summary>The microcontroller's code asks for nothing that nanoFramework 1.17 lacks, and the check that says so finds what it should.</summary>
public sealed class NanoLegalityTests
{
    [Fact]
    public void The_library_is_legal()
    {
        NanoLegality.AssertLegal(File.OpenRead(typeof(EdgeConv.Nano.Requantizer).Assembly.Location));
    }

    [Fact]
    public void The_libraries_compile_against_nanoFrameworks_own_mscorlib_and_are_legal_there()
    {
        MetadataReference mscorlib = MetadataReference.CreateFromFile(NanoCoreLibrary.Need());
        using MemoryStream nano = NanoCompiler.ForNano("EdgeConv.Nano", Sources("EdgeConv.Nano"), mscorlib);
        MetadataReference reference = MetadataReference.CreateFromImage(nano.ToArray());
        NanoLegality.AssertLegal(nano);

        // with the adapters, which are not built for .NET; the packages that they need are declared in NanoShapes
        IEnumerable<MetadataReference> shapes = NanoShapes.References(mscorlib);
        using MemoryStream devices = NanoCompiler.ForNano("EdgeConv.Nano.Devices", Sources("EdgeConv.Nano.Devices"), [mscorlib, reference, .. shapes]);
        NanoLegality.AssertLegal(devices);
    }

    [Fact]
    public void Each_line_of_the_list_is_in_nanoFrameworks_own_mscorlib()
    {
        HashSet<string> there = NanoMembers.Of(NanoCoreLibrary.Need());
        string[] lines = [.. NanoApi.Project.Lines.Where(line => line.Assembly == "mscorlib").Select(line => line.Line)];
        Assert.True(lines.Length > 10);
        Assert.Empty(lines.Except(there));
        Assert.Equal(lines.Order(StringComparer.Ordinal).Distinct(), lines);
    }

    [Fact]
    public void Each_line_of_the_list_is_in_the_published_list_of_members()
    {
        string file = Path.Combine(RepositoryFolder.Root, "..", "shared", "lab", "nanoframework", "mscorlib-1.17-api.txt");
        Assert.SkipUnless(File.Exists(file), "the list of all members is not beside this checkout");
        HashSet<string> there = [.. File.ReadLines(file).Where(line => line.Length > 2 && line[1] == ' ').Select(line => line[2..].Split(' ')[0])];
        Assert.Empty(NanoApi.Project.Lines.Where(line => line.Assembly == "mscorlib").Select(line => line.Line).Except(there));
    }

    [Theory]
    [InlineData("new System.Collections.Generic.List<int>().Add(1);", "System.Collections.Generic.List`1<System.Int32>, a generic type")]
    [InlineData("int[,] a = new int[2, 3]; a[1, 2] = 4;", "System.Int32[,], an array of several dimensions")]
    [InlineData("Seen = typeof(int[,]);", "System.Int32[,], an array of several dimensions")]
    [InlineData("System.Span<byte> a = new byte[4]; a[1] = 2;", "System.Span`1")]
    [InlineData("System.ReadOnlySpan<char> a = \"ab\"; Keep(a.Length);", "System.ReadOnlySpan`1")]
    [InlineData("int b = (int)Seen; Seen = checked(b + 1);", "opcode add.ovf")]
    [InlineData("int b = (int)Seen; Seen = checked((byte)b);", "opcode conv.ovf.u1")]
    [InlineData("int b = (int)Seen; Seen = checked(b * b);", "opcode mul.ovf")]
    [InlineData("long i = (long)Seen; byte[] a = new byte[4]; Seen = a[i];", "opcode conv.ovf.i")]
    [InlineData("(int A, int B) a = (1, 2); Seen = a;", "System.ValueTuple`2")]
    [InlineData("int? a = null; Seen = a;", "System.Nullable`1")]
    [InlineData("unsafe { int* a = stackalloc int[3]; a[1] = 2; Seen = a[1]; }", "opcode localloc")]
    [InlineData("unsafe { int* a = null; Keep(a == null); }", "a pointer")]
    [InlineData("byte[] b = new byte[3]; unsafe { fixed (byte* a = b) { *a = 1; } }", "a pinned local")]
    [InlineData("Seen = System.Linq.Enumerable.Empty<int>();", "a call of a generic method")]
    [InlineData("System.Func<int> f = () => 3; Keep(f());", "System.Func`1")]
    [InlineData("Seen = 1.5m;", "type System.Decimal")]
    [InlineData("Seen = System.DateTime.IsLeapYear(2000);", "member System.DateTime::IsLeapYear(System.Int32):System.Boolean")]
    [InlineData("Seen = \"a\".Contains(\"b\");", "member System.String::Contains(System.String):System.Boolean")]
    [InlineData("Seen = $\"{Seen} and {Seen}\";", "type System.Runtime.CompilerServices.DefaultInterpolatedStringHandler")]
    [InlineData("Seen = string.Format(\"{0}\", Seen);", "member System.String::Format(System.String,System.Object):System.String")]
    [InlineData("Seen = new System.Text.StringBuilder();", "type System.Text.StringBuilder")]
    [InlineData("Seen = Color.Red.ToString();", "opcode constrained.")]
    [InlineData("T Same<T>(T value) { return value; } Seen = Same(3);", "a generic method")]
    [InlineData("System.TypedReference r = __makeref(Seen);", "opcode mkrefany")]
    [InlineData("[System.Runtime.InteropServices.DllImport(\"kernel32\")] static extern void Sleep(int milliseconds); Sleep(1);", "a function of a native library")]
    public void What_is_not_there_is_found(string statements, string expected)
    {
        IReadOnlyList<string> problems = NanoLegality.Problems(NanoCompiler.ForDotNet(Snippet(statements)));
        Assert.True(problems.Any(problem => problem.Contains(expected, StringComparison.Ordinal)), string.Join('\n', problems));
    }

    [Fact]
    public void A_record_is_found()
    {
        const string Source = "namespace System.Runtime.CompilerServices { class IsExternalInit { } } record Point(int X, int Y);";
        Assert.Contains("Point: System.IEquatable`1<Point>, a generic type", NanoLegality.Problems(NanoCompiler.ForDotNet(Source)));
    }

    [Theory]
    [InlineData("int b = 3; b += 4; Seen = null;")]
    [InlineData("byte[] a = new byte[] { 1, 2, 3, 4, 5 }; a[(byte)7 & 3] = (byte)(a[1] * 3 >> 1);")]
    [InlineData("int[][] a = new int[2][]; a[0] = new int[3]; a[0][1] = 2;")]
    [InlineData("long s = 0; for (int i = 0; i < 9; i++) { s += (long)i * i << 32; } if (s > 5) { throw null; }")]
    [InlineData("string s = \"a\" + 12; for (int i = 0; i < s.Length; i++) { switch (s[i]) { case 'a': case 'b': Seen = s; break; } }")]
    public void What_is_there_is_not_found(string statements)
    {
        NanoLegality.AssertLegal(NanoCompiler.ForDotNet(Snippet(statements)));
    }

    [Theory]
    [InlineData(255, 0)]
    [InlineData(256, 1)]
    public void A_switch_has_at_most_255_targets(int targets, int problems)
    {
        string cases = string.Concat(Enumerable.Range(0, targets).Select(i => $"case {i}: return {i * 7 % 501};"));
        IReadOnlyList<string> found = NanoLegality.Problems(NanoCompiler.ForDotNet($"class C {{ public static int M(int a) {{ switch (a) {{ {cases} }} return 0; }} }}"));
        Assert.Equal(problems, found.Count);
        Assert.All(found, problem => Assert.Equal("C.M: 256 targets of a switch, at most 255", problem));
    }

    [Theory]
    [InlineData(255, 0)]
    [InlineData(256, 1)]
    public void A_method_has_at_most_255_locals(int locals, int problems)
    {
        string names = string.Concat(Enumerable.Range(0, locals).Select(i => $"int v{i} = M({i}); "));
        string sum = string.Concat(Enumerable.Range(0, locals).Select(i => $"s(ref v{i});"));
        IReadOnlyList<string> found = NanoLegality.Problems(NanoCompiler.ForDotNet($"class C {{ static void s(ref int x) {{ }} public static int M(int a) {{ {names} {sum} return a; }} }}"));
        Assert.Equal(problems, found.Count);
        Assert.All(found, problem => Assert.Equal("C.M: 256 locals, at most 255", problem));
    }

    [Fact]
    public void A_method_has_at_most_32_KB_and_an_assembly_64()
    {
        // ldsfld, ldc.i4, add, stsfld: 16 bytes each, 12 in a .pe file; and the constructor
        static string Method(string name, int times) => $"public static void {name}() {{ {string.Concat(Enumerable.Range(0, times).Select(i => $"s += {1000 + i};"))} }}";
        IReadOnlyList<string> small = NanoLegality.Problems(NanoCompiler.ForDotNet($"class C {{ static int s; {Method("M", 2047)} }}"));
        IReadOnlyList<string> large = NanoLegality.Problems(NanoCompiler.ForDotNet($"class C {{ static int s; {Method("M", 2048)} }}"));
        string four = string.Concat(Enumerable.Range(0, 4).Select(i => Method("M" + i, 1500)));
        IReadOnlyList<string> many = NanoLegality.Problems(NanoCompiler.ForDotNet($"class C {{ static int s; {four} }}"));
        Assert.Empty(small);
        Assert.Equal(["C.M: 32769 bytes of code, at most 32767"], large);
        Assert.Equal(["the assembly: 72009 bytes of code, at most 65535"], many);
    }

    [Fact]
    public void A_class_has_at_most_255_methods_and_fields_of_a_kind()
    {
        string many = string.Concat(Enumerable.Range(0, 256).Select(i => $"static int f{i}; int g{i}; static void M{i}() {{ }} void N{i}() {{ }} public virtual void V{i}() {{ }}"));
        IReadOnlyList<string> found = NanoLegality.Problems(NanoCompiler.ForDotNet($"class C {{ {many} }}"));
        Assert.Equal(
            ["C: 256 static fields, at most 255", "C: 256 fields, at most 255", "C: 256 static methods, at most 255", "C: 256 virtual methods, at most 255", "C: 257 methods, at most 255"],
            found);
    }

    private static IEnumerable<string> Sources(string library) => NanoCompiler.Sources(RepositoryFolder.Path("firmware", "nanoframework", library));

    private static string Snippet(string statements) => $$"""
        enum Color { Red }
        public static class Snippet
        {
            public static object Seen;
            static void Keep(object value) { Seen = value; }
            public static void Run() { {{statements}} }
        }
        """;
}
