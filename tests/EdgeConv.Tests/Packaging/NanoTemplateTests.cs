using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.CodeGen.Nano;
using EdgeConv.Tests.Firmware.Clr;
using EdgeConv.Tests.Firmware.Legality;

namespace EdgeConv.Tests.Packaging;

/// <summary>The template for nanoFramework: what `dotnet build` compiled there is run, on .NET and, where there is one, on a nanoCLR.</summary>
[Collection(nameof(ShippedPackages))]
public sealed class NanoTemplateTests(ShippedPackages packages)
{
    private static readonly string[] _pictures = ["1-seven.png", "2-two.png", "3-one.png"];

    [Fact]
    public void It_writes_an_application_and_compiles_its_layers_which_recognize_its_pictures_with_the_references_bytes()
    {
        string mscorlib = NanoCoreLibrary.Need();
        Assert.Contains("digits.ecm fits esp32", packages.BuildBoard());
        byte[] image = File.ReadAllBytes(InBoard("bin", "Debug", "net10.0", "board.dll"));
        using PEReader reader = new(new MemoryStream(image));
        MetadataReader metadata = reader.GetMetadataReader();
        Assert.Equal(["mscorlib"], metadata.AssemblyReferences.Select(each => metadata.GetString(metadata.GetAssemblyReference(each).Name)));
        Assert.True(File.Exists(InBoard("app", "EdgeConvApp.nfproj")));

        string resources = InBoard("app", "Weights.resources");
        using Model model = Model.Open(InBoard("digits.ecm"));
        using NanoProgram program = NanoProgram.OfNano(image, File.Exists(resources) ? File.ReadAllBytes(resources) : null, mscorlib);
        Assert.Equal(0, program.SelfTest(new sbyte[10]));
        sbyte[][] inputs = Inputs(model);
        program.Check(model, inputs, "the template");
        sbyte[] output = new sbyte[10];
        Assert.Equal([7, 2, 1], inputs.Select(input =>
        {
            program.Run(input, output);
            return Array.IndexOf(output, output.Max());
        }));
    }

    [Fact]
    public void On_a_nanoCLR_its_application_gives_the_references_bytes()
    {
        LocalNanoClr.Need();
        packages.BuildBoard();
        CodeFile[] files = [.. Directory.GetFiles(InBoard("app"), "*", SearchOption.AllDirectories).Select(file => (Path: file, Name: Path.GetRelativePath(InBoard("app"), file)))
            .Select(file => file.Name.EndsWith(".resources", StringComparison.Ordinal) ? new CodeFile(file.Name, "", File.ReadAllBytes(file.Path)) : new CodeFile(file.Name, File.ReadAllText(file.Path)))];
        using Model model = Model.Open(InBoard("digits.ecm"));
        LocalNanoClr.IsIdentical(files, model, Inputs(model), "the template");
    }

    private static sbyte[][] Inputs(Model model)
    {
        Preprocessor preprocessor = new(model.Preprocessing!);
        return [.. _pictures.Select(name =>
        {
            sbyte[] input = new sbyte[model.Input.Length];
            preprocessor.Run(PictureFile.Decode(File.ReadAllBytes(RepositoryFolder.Path("templates", "EdgeConv.Templates", "digits", "pictures", name)), name), input);
            return input;
        })];
    }

    private string InBoard(params string[] path) => Path.Combine([packages.Work, "board", .. path]);
}
