using EdgeConv.Runtime;

namespace EdgeConv.Converters.Boards;

/// <summary>One activation's place in the arena and its life.</summary>
/// <param name="Tensor">Index of the tensor.</param>
/// <param name="Offset">First byte in the arena.</param>
/// <param name="Bytes">Size.</param>
/// <param name="First">Index of the operator that writes it; -1 for the model's input.</param>
/// <param name="Last">Index of the last operator that reads it; the number of operators for the model's output.</param>
public sealed record ArenaLife(int Tensor, int Offset, int Bytes, int First, int Last)
{
    /// <summary>Every activation of a model, in the order of its tensors.</summary>
    public static IReadOnlyList<ArenaLife> Of(Model model)
    {
        int steps = model.Operators.Count;
        int[] first = new int[model.Tensors.Count], last = new int[model.Tensors.Count];
        Array.Fill(first, -1);
        for (int step = 0; step < steps; step++)
        {
            first[model.Operators[step].Output] = step;
            last[model.Operators[step].Output] = step;
            foreach (int input in model.Operators[step].Inputs)
            {
                last[input] = step;
            }
        }

        return
        [
            .. Enumerable.Range(0, model.Tensors.Count)
                .Where(index => model.Tensors[index].Storage == TensorStorage.Arena)
                .Select(index => (Index: index, Info: model.Tensors[index]))
                .Select(at => new ArenaLife(at.Index, at.Info.Offset, at.Info.ByteLength, first[at.Index],
                    at.Info == model.Output ? steps : last[at.Index])),
        ];
    }

    /// <summary>The operator during which most bytes of the arena are in use, and how many; those that share a slot count once.</summary>
    public static (ModelOperator Step, long Bytes) Peak(Model model)
    {
        IReadOnlyList<ArenaLife> lives = Of(model);
        return model.Operators.Select((step, index) => (step, Used(lives.Where(life => life.First <= index && index <= life.Last))))
            .MaxBy(pair => pair.Item2);
    }

    private static long Used(IEnumerable<ArenaLife> lives)
    {
        long used = 0, end = 0;
        foreach (ArenaLife life in lives.OrderBy(life => life.Offset))
        {
            long stop = (long)life.Offset + life.Bytes;
            used += Math.Max(0, stop - Math.Max(end, life.Offset));
            end = Math.Max(end, stop);
        }

        return used;
    }
}
