using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Files;

/// <summary>Generated nanoFramework applications on disk.</summary>
internal static class NanoFolder
{
    private const string Native = "interop";

    /// <summary>Writes a model as an application and says what it takes.</summary>
    /// <param name="source">The model file.</param>
    /// <param name="folder">Made where it is missing; files of the same names in it are replaced but for the program, which is the user's; others stay.</param>
    /// <param name="goal">What it is for.</param>
    /// <param name="interop">Whether the model's native code is written as well, to interop/.</param>
    /// <param name="program">With slots: a folder that was written before, for whose code nothing but the weights is written; or null.</param>
    /// <param name="terminal">Told what was written.</param>
    /// <param name="cancel">Between files.</param>
    /// <exception cref="FailureException">The model or the folder cannot be used.</exception>
    public static void Write(string source, string folder, NanoGoal goal, bool interop, string? program, Terminal terminal, CancellationToken cancel)
    {
        CodeFolder.CheckFolder(folder);
        using Model model = ModelFile.Open(source);
        NanoProject project = NanoExport.Create(model, goal);
        if (program is not null)
        {
            SlotFit.Write(source, project.SlotCode!, project.Image!, program, folder, terminal);
            return;
        }

        bool keeps = File.Exists(Path.Combine(folder, NanoProject.ProgramFile)), hadSlots = File.Exists(Path.Combine(folder, NanoProject.SlotsFile));
        CodeFile[] files = [.. project.Files.Where(file => !(keeps && file.Path == NanoProject.ProgramFile))];
        CodeFolder.Write(files, folder, cancel);
        if (interop)
        {
            CodeFolder.Write(NanoInterop.Write(model, goal: new CGoal(Optimize: goal.Optimize)), Path.Combine(folder, Native), cancel);
        }

        NanoReport.Print(project, goal, terminal);
        terminal.Line($"wrote {files.Length} files to {folder}: open EdgeConvApp.nfproj; README.md says what each step prints");
        if (project.Image is { } image)
        {
            terminal.Line($"the weights are {image.Path}, {Units.Bytes(image.Binary!.Length)} for one of two slots; read in pieces, or kept in RAM where Program.cs says so, for as many bytes more");
        }

        if (keeps)
        {
            terminal.Line($"kept {NanoProject.ProgramFile}, which is yours: this model is made by {project.ModelExpression}{Members(project, hadSlots)}; delete the file to get a new one");
        }

        if (interop)
        {
            terminal.Line($"wrote the model's native code to {Path.Combine(folder, Native)}: README.md there says how it gets into an image");
        }
    }

    // What else a program says otherwise that was written for weights in its code, or in slots.
    private static string Members(NanoProject project, bool hadSlots) => (project.Image is not null, hadSlots) switch
    {
        (true, _) => ", which throws WeightSlotException where no slot serves; OutputScale and OutputZeroPoint are the object's (model.OutputScale), as Slot and Version are",
        (_, true) => $"; OutputScale and OutputZeroPoint are constants of the class (Model.OutputScale), and Slot, Version, Code and WeightSlotException are no more; "
            + $"{NanoProject.SlotsFile} and {NanoProject.ImageFile} are left over",
        _ => "",
    };
}
