using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Boards;

/// <summary>What a model takes as code of its own, as the planner of `export` has it for a board.</summary>
/// <param name="Flash">By what it is.</param>
/// <param name="Memory">By what it is.</param>
/// <param name="Steps">Of each layer: instructions, or operations of byte code.</param>
internal sealed record GeneratedCode(IReadOnlyList<Need> Flash, IReadOnlyList<Need> Memory, IReadOnlyList<(string Layer, long Steps)> Steps)
{
    /// <summary>As `export` would write it for the board; where nothing fits, the smallest there is.</summary>
    /// <exception cref="CodeGenException">A layer has no form, or an assembly has no room for the code, on any board.</exception>
    public static GeneratedCode For(Model model, Board board)
    {
        int ram = (int)Math.Min(board.ModelRamBytes, int.MaxValue), flash = (int)Math.Min(board.ModelFlashBytes, int.MaxValue);
        try
        {
            return Plan(model, board, COptimize.Balanced, ram, flash);
        }
        catch (CodeGenException)
        {
            return Plan(model, board, COptimize.Size, null, null);
        }
    }

    private static GeneratedCode Plan(Model model, Board board, COptimize optimize, int? ram, int? flash) => board.Target == BoardTarget.CortexM
        ? OfC(model, new CGoal(board.Speed, optimize, ram, flash))
        : OfNano(model, new NanoGoal(optimize, ram, flash));

    private static GeneratedCode OfC(Model model, CGoal goal)
    {
        CModel names = CExport.Plan(model, CModel.UsualPrefix, goal);
        LayerPlan plan = names.Plan!;
        Extension extension = goal.Extensions.Single();
        return new(
            [new("tables", plan.TableBytes(extension), "weights and all that goes with them"), new("code", plan.CodeBytes, "about: the compiler decides")],
            [new("arena", CExport.ArenaBytes(names), "activations, input and output, and the layers' buffers; the stack besides, which `bench --on` measures")],
            [.. model.Operators.Select((op, step) => (op.Name, plan.Form(extension, step).Instructions))]);
    }

    private static GeneratedCode OfNano(Model model, NanoGoal goal)
    {
        NanoPlan plan = NanoExport.Plan(model, goal).Plan;
        int ram = plan.RamBytes(plan.Arena);
        return new(
            [new("program", plan.FlashBytes, "byte code, about, and weights; the runtime besides")],
            [new("arena", plan.Arena.Bytes, "activations, input and output"), new("working", ram - plan.Arena.Bytes, "a piece of weights, sums, variables, what the program hands in")],
            [.. plan.Forms.Zip(model.Operators, (form, op) => (op.Name, form.Operations))]);
    }
}
