using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>A model as a nanoFramework application: its files, and what was decided on the way.</summary>
public sealed class NanoProject
{
    internal NanoProject(IReadOnlyList<CodeFile> files, NanoPlan plan, Model model, Board? board)
    {
        Files = files;
        Image = files.FirstOrDefault(file => file.Path == ImageFile);
        ModelExpression = NanoProgramText.ModelExpression(Place(files), Image?.Binary?.Length ?? 0);
        SlotRamBytes = plan.SlotRamBytes;
        (ArenaBytes, RamBytes, FlashBytes) = (plan.Arena.Bytes, plan.RamBytes(plan.Arena), plan.FlashBytes);
        Layers = [.. plan.Forms.Zip(model.Operators, (form, op) => new NanoLayer(
            op.Name, form.Algorithm, form.CodeBytes, form.BlobBytes + form.TableBytes, form.ScratchBytes + form.Sums * sizeof(long) + form.ChunkBytes, form.Operations))];
        Time = board is null ? null : TimeEstimate.Of(Layers.Select(layer => (layer.Name, layer.Operations)), board);
    }

    /// <summary>The file that is the user's from then on.</summary>
    public const string ProgramFile = "Program.cs";

    /// <summary>Slots that are files, for a program that takes its weights from them; the user may have others.</summary>
    public const string SlotsFile = "FileSlots.cs";

    /// <summary>The image of weights for a slot.</summary>
    public const string ImageFile = "model.weights";

    /// <summary>How that file makes the model; another one, where the weights went into the code or out of it.</summary>
    public string ModelExpression { get; }

    /// <summary>All files, paths relative to the project's folder.</summary>
    public IReadOnlyList<CodeFile> Files { get; }

    /// <summary>The image of weights for one of two slots; null where the program has its weights.</summary>
    public CodeFile? Image { get; }

    /// <summary>What the image fits; null without one.</summary>
    public SlotCode? SlotCode { get; internal init; }

    /// <summary>Numbers and tables of the image that are kept in RAM, bytes at most, part of <see cref="RamBytes"/>; 0 without slots.</summary>
    public int SlotRamBytes { get; }

    /// <summary>Bytes of activations and buffers.</summary>
    public int ArenaBytes { get; }

    /// <summary>Arena, working arrays, tables, the variables of the largest method and the program's input and output, bytes.</summary>
    public int RamBytes { get; }

    /// <summary>Byte code, estimated, and the weights and tables that the program has.</summary>
    public int FlashBytes { get; }

    /// <summary>What each layer became.</summary>
    public IReadOnlyList<NanoLayer> Layers { get; }

    /// <summary>Operations of byte code an inference, estimated.</summary>
    public long Operations => Layers.Sum(layer => layer.Operations);

    private static NanoPlace Place(IReadOnlyList<CodeFile> files) => files.Any(file => file.Path == ImageFile) ? NanoPlace.Slots
        : files.Any(file => file.Path == NanoProjectFiles.ReaderFile) ? NanoPlace.Resource
        : NanoPlace.Code;

    /// <summary>How long an inference takes on the board that was named; null without one.</summary>
    public TimeEstimate? Time { get; }
}

/// <summary>What a layer became.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Algorithm">How it is computed.</param>
/// <param name="CodeBytes">Byte code, estimated.</param>
/// <param name="WeightBytes">Weights and tables beside the code.</param>
/// <param name="WorkBytes">RAM beside input and output.</param>
/// <param name="Operations">Operations of byte code, estimated.</param>
public sealed record NanoLayer(string Name, string Algorithm, int CodeBytes, int WeightBytes, int WorkBytes, long Operations);
