using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>What makes generated layers an application: program, project, library and weights.</summary>
internal static partial class NanoProjectFiles
{
    /// <summary>Of the assembly.</summary>
    public const string App = "EdgeConvApp";

    /// <summary>What reads the weights' resource.</summary>
    public const string ReaderFile = "ResourceWeights.cs";

    /// <summary>Of the weights' resource: the file, and the entry in it.</summary>
    private const string Weights = "Weights";

    private const string Prefix = "nano/", ResourceManager = "1.2.13";

    /// <summary>All files.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layers">Generated sources.</param>
    /// <param name="weights">The resource's content; none: no resource.</param>
    public static IEnumerable<CodeFile> Write(Model model, IReadOnlyList<CodeFile> layers, byte[] weights)
    {
        bool hasWeights = weights.Length > 0;
        List<CodeFile> sources = [new(NanoProject.ProgramFile, Program(hasWeights)), .. layers];
        if (hasWeights)
        {
            sources.Add(new(ReaderFile, Reader()));
        }

        sources.AddRange(Library(sources));
        sources.Add(new("Properties/AssemblyInfo.cs", $"""
            using System.Reflection;

            [assembly: AssemblyTitle("{App}")]
            [assembly: AssemblyVersion("1.0.0.0")]

            """));
        CodeFile[] resources = hasWeights ? [new($"{Weights}.resources", "", Resource(weights))] : [];
        return [.. sources, .. resources, new($"{App}.nfproj", Project(sources, hasWeights)), new("packages.config", Packages(hasWeights)), new("README.md", NanoReadme.Write(model))];
    }

    /// <summary>How a program makes the model.</summary>
    public static string ModelExpression(bool hasWeights) => $"new Model({(hasWeights ? "new ResourceWeights()" : "null")})";

    /// <summary>The sources of the library that others name, and those that these name.</summary>
    private static IEnumerable<CodeFile> Library(IEnumerable<CodeFile> sources)
    {
        Dictionary<string, string> all = typeof(NanoProjectFiles).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToDictionary(name => name[Prefix.Length..^3], Text);
        HashSet<string> needed = [];
        Queue<string> texts = new(sources.Select(source => source.Text));
        while (texts.TryDequeue(out string? text))
        {
            foreach (Match word in Words().Matches(text).Where(word => all.ContainsKey(word.Value) && needed.Add(word.Value)))
            {
                texts.Enqueue(all[word.Value]);
            }
        }

        return needed.Order(StringComparer.Ordinal).Select(name => new CodeFile($"EdgeConv.Nano/{name}.cs", all[name]));
    }

    private static string Text(string resource)
    {
        using StreamReader reader = new(typeof(NanoProjectFiles).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static byte[] Resource(byte[] weights)
    {
        MemoryStream stream = new();
        using (ResourceWriter writer = new(stream))
        {
            writer.AddResource(Weights, weights);
            writer.Generate();
        }

        return stream.ToArray();
    }

    /// <summary>The number by which nanoFramework's metadata processor calls an entry of a resource.</summary>
    internal static short ResourceId(string name)
    {
        unchecked
        {
            const int Start = (5381 << 16) + 5381;
            int[] hash = [Start, Start];
            foreach ((int i, char c) in name.Index())
            {
                hash[i % 2] = (hash[i % 2] * 33) ^ c;
            }

            int both = hash[0] + hash[1] * 1566083941;
            return (short)((both >> 16) ^ both);
        }
    }

    private static string Program(bool hasWeights) => $$"""
        using System;
        using System.Threading;
        using EdgeConv.Generated;
        using EdgeConv.Nano;

        namespace {{App}}
        {
            public static class Program
            {
                public static void Main()
                {
                    Model model = {{ModelExpression(hasWeights)}};
                    sbyte[] output = new sbyte[Model.OutputLength];
                    int layer = model.SelfTest(output);
                    Console.WriteLine(GoldenLine.Text(layer, Model.Layers, output));
                    if (layer > 0)
                    {
                        Thread.Sleep(Timeout.Infinite);
                    }

                    // Here a program of your own takes a picture: InputLength bytes, q = real / InputScale + InputZeroPoint.
                    sbyte[] input = Model.GoldenInput();
                    if (input == null)
                    {
                        input = new sbyte[Model.InputLength];
                    }

                    long begin = DateTime.UtcNow.Ticks;
                    model.Run(input, output);
                    long milliseconds = (DateTime.UtcNow.Ticks - begin) / 10000;
                    Console.WriteLine("EdgeConv: class " + Name(Largest(output)) + " in " + milliseconds + " ms");
                    Thread.Sleep(Timeout.Infinite);
                }

                private static int Largest(sbyte[] values)
                {
                    int best = 0;
                    for (int i = 1; i < values.Length; i++)
                    {
                        if (values[i] > values[best])
                        {
                            best = i;
                        }
                    }

                    return best;
                }

                private static string Name(int index)
                {
                    return index < Model.Labels.Length ? Model.Labels[index] : index.ToString();
                }
            }
        }

        """;

    private static string Reader() => $$"""
        // Generated by EdgeConv, do not edit.
        using System;
        using System.Resources;
        using EdgeConv.Nano;
        using nanoFramework.Runtime.Native;

        namespace EdgeConv.Generated
        {
            /// <summary>The weights' resource, read from flash a piece at a time.</summary>
            public sealed class ResourceWeights : WeightSource
            {
                private readonly ResourceManager _resources = new ResourceManager("{{App}}.{{Weights}}", typeof(ResourceWeights).Assembly);
                private readonly Enum _id = Entry.Weights;

                private enum Entry : short
                {
                    Weights = {{ResourceId(Weights)}},
                }

                /// <inheritdoc/>
                public override byte[] Read(int offset, int count)
                {
                    return (byte[])ResourceUtility.GetObject(_resources, _id, offset, count);
                }
            }
        }

        """;

    private static string Packages(bool hasWeights) => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <packages>
          <package id="nanoFramework.CoreLibrary" version="{NanoProjectXml.CoreLibrary}" targetFramework="netnano1.0" />{(hasWeights ? $"""

          <package id="nanoFramework.ResourceManager" version="{ResourceManager}" targetFramework="netnano1.0" />
        """ : "")}
        </packages>

        """;

    private static string Project(IEnumerable<CodeFile> sources, bool hasWeights)
    {
        string compile = string.Join('\n', sources.Select(source => $"    <Compile Include=\"{source.Path.Replace('/', '\\')}\" />"));
        string resource = !hasWeights ? "" : $"""
              <ItemGroup>
                <EmbeddedResource Include="{Weights}.resources">
                  <LogicalName>{App}.{Weights}.resources</LogicalName>
                </EmbeddedResource>
              </ItemGroup>

            """;
        string reference = !hasWeights ? "" : $"""

                <Reference Include="nanoFramework.ResourceManager">
                  <HintPath>packages\nanoFramework.ResourceManager.{ResourceManager}\lib\nanoFramework.ResourceManager.dll</HintPath>
                </Reference>
            """;
        return NanoProjectXml.Write("Exe", App, $"""
              <ItemGroup>
            {compile}
              </ItemGroup>
            {resource}  <ItemGroup>
                <Reference Include="mscorlib">
                  <HintPath>packages\nanoFramework.CoreLibrary.{NanoProjectXml.CoreLibrary}\lib\mscorlib.dll</HintPath>
                </Reference>{reference}
              </ItemGroup>

            """,
            beforeType: "    <ProjectGuid>c2a7e1d4-6f0b-4c57-8a1e-3d9b5f2c7e60</ProjectGuid>\n",
            afterType: "    <AppDesignerFolder>Properties</AppDesignerFolder>\n",
            afterLanguage: """
                <!-- Without optimization the compiler writes half as many operations again, and debug builds run them all. -->
                <Optimize>true</Optimize>

            """,
            end: """
              <ProjectExtensions>
                <ProjectCapabilities>
                  <ProjectConfigurationsDeclaredAsItems />
                </ProjectCapabilities>
              </ProjectExtensions>

            """);
    }

    [GeneratedRegex("[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex Words();
}
