using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Files;

/// <summary>Generated projects on disk.</summary>
internal static class CodeFolder
{
    /// <summary>Writes a model as C and says what it takes.</summary>
    /// <param name="source">The model file.</param>
    /// <param name="folder">Made where it is missing; files of the same names in it are replaced, others stay.</param>
    /// <param name="name">Prefix of the functions, or null.</param>
    /// <param name="goal">What it is for.</param>
    /// <param name="explain">Whether to say how each layer is computed.</param>
    /// <param name="program">With slots: a folder that was written before, for whose code nothing but the tables is written; or null.</param>
    /// <param name="terminal">Told what was written.</param>
    /// <param name="cancel">Between files.</param>
    /// <exception cref="FailureException">The model or the folder cannot be used.</exception>
    public static void Write(string source, string folder, string? name, CGoal goal, bool explain, string? program, Terminal terminal, CancellationToken cancel)
    {
        CheckFolder(folder);
        using Model model = ModelFile.Open(source);
        CProject project = CExport.Create(model, name, goal);
        IReadOnlyList<CodeFile> files = project.Files;
        if (explain)
        {
            CodeReport.Print(project, terminal);
        }

        if (program is not null)
        {
            SlotFit.Write(source, project.SlotCode!, project.Image!, program, folder, terminal);
            return;
        }

        Write(files, folder, cancel);
        string tables = project.Image is { } image ? $"tables in {image.Path}, {Units.Bytes(image.Binary!.Length)} of each slot," : $"tables {Units.Bytes(project.TableBytes)} of flash,";
        terminal.Line($"wrote {files.Count} files to {folder}: {tables} arena {Units.Bytes(project.ArenaBytes)} of RAM; code and stack besides");
        terminal.Line($"  call {name ?? "edgeconv"}_init({(goal.SlotVersion is null ? "" : "first, second")}), {name ?? "edgeconv"}_run(input, output) and {name ?? "edgeconv"}_selftest() of {files[0].Path}");
    }

    /// <summary>Finds out before any work whether a folder can be written to.</summary>
    /// <exception cref="FailureException">It is a file.</exception>
    public static void CheckFolder(string folder)
    {
        if (File.Exists(folder))
        {
            throw new FailureException($"'{folder}' is a file; a folder was expected. Name another one.");
        }
    }

    /// <summary>Writes all files of a project.</summary>
    /// <param name="files">The files.</param>
    /// <param name="folder">Where they go.</param>
    /// <param name="cancel">Between files.</param>
    public static void Write(IEnumerable<CodeFile> files, string folder, CancellationToken cancel)
    {
        foreach (CodeFile file in files)
        {
            cancel.ThrowIfCancellationRequested();
            string path = Path.Combine(folder, file.Path);
            OutputFile.EnsureWritable(path);
            if (file.Binary is { } bytes)
            {
                AtomicFile.Write(path, bytes);
            }
            else
            {
                OutputFile.Write(path, file.Text);
            }
        }
    }
}
