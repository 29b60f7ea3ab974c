using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Where tensors and the buffers of layers lie in the one array that the C has: what lives at the same time lies apart, but an output may lie over the
/// input that its layer eats up from the top. The model file's own map knows neither the buffers nor this.
/// </summary>
internal sealed class CArena
{
    private const int Alignment = 4, Orders = 60, Seed = 1;

    private readonly Dictionary<int, int> _tensors = [];
    private readonly Dictionary<int, int> _scratch = [];
    private readonly Dictionary<int, int> _sameAs;

    private CArena(Dictionary<int, int> sameAs) => _sameAs = sameAs;

    /// <summary>Bytes.</summary>
    public int Bytes { get; private init; }

    /// <summary>Where a tensor begins.</summary>
    public int Tensor(int tensor) => _tensors[_sameAs.GetValueOrDefault(tensor, tensor)];

    /// <summary>Where the buffer of a step begins.</summary>
    public int Scratch(int step) => _scratch[step];

    /// <summary>Places everything; the best of some orders.</summary>
    /// <param name="model">Its operators are the steps.</param>
    /// <param name="forms">Of each step.</param>
    /// <param name="thorough">Whether to try many orders, as for the final map.</param>
    public static CArena Plan(Model model, IReadOnlyList<LayerNeeds> forms, bool thorough = true)
    {
        Dictionary<int, int> sameAs = Reshaped(model);
        List<Block> blocks = Blocks(model, forms, tensor => sameAs.GetValueOrDefault(tensor, tensor));
        IEnumerable<Block>[] orders = [blocks.OrderByDescending(b => b.Bytes), blocks.OrderBy(b => b.First), blocks.OrderByDescending(b => b.Last)];
        Random random = new(Seed);
        IEnumerable<IEnumerable<Block>> more = thorough ? Enumerable.Range(0, Orders).Select(_ => blocks.OrderByDescending(b => b.Bytes * random.NextDouble())) : [];
        (int Bytes, int[] Offsets) best = orders.Concat(more).Select(order => Place(blocks, [.. order])).MinBy(map => map.Bytes);
        CArena arena = new(sameAs) { Bytes = Math.Max(best.Bytes, 1) };
        foreach ((Block block, int offset) in blocks.Zip(best.Offsets))
        {
            (block.Tensor >= 0 ? arena._tensors : arena._scratch)[block.Tensor >= 0 ? block.Tensor : block.First] = offset;
        }

        return arena;
    }

    /// <summary>Tensors that are another one under another shape, and are where it is.</summary>
    private static Dictionary<int, int> Reshaped(Model model)
    {
        Dictionary<int, int> sameAs = [];
        foreach (ReshapeOp op in model.Operators.OfType<ReshapeOp>().Where(op => model.Tensors[op.Input].Storage == TensorStorage.Arena))
        {
            sameAs[op.Output] = sameAs.GetValueOrDefault(op.Input, op.Input);
        }

        return sameAs;
    }

    private static List<Block> Blocks(Model model, IReadOnlyList<LayerNeeds> forms, Func<int, int> root)
    {
        Dictionary<int, (int First, int Last)> lives = new() { [model.InputTensor] = (-1, -1) };
        foreach ((int step, ModelOperator op) in model.Operators.Index())
        {
            foreach (int tensor in op.Inputs.Append(op.Output).Where(t => model.Tensors[t].Storage == TensorStorage.Arena).Select(root))
            {
                lives[tensor] = lives.TryGetValue(tensor, out (int First, int Last) life) ? (life.First, step) : (step, step);
            }
        }

        int output = root(model.OutputTensor);
        lives[output] = (lives[output].First, model.Operators.Count);
        List<Block> blocks = [.. lives.Select(life => new Block(life.Key, model.Tensors[life.Key].ByteLength, life.Value.First, life.Value.Last)).OrderBy(b => b.First).ThenBy(b => b.Tensor)];
        foreach ((int step, LayerNeeds needs) in forms.Index())
        {
            ModelOperator op = model.Operators[step];
            if (needs.ScratchBytes > 0)
            {
                blocks.Add(new(-1, needs.ScratchBytes, step, step));
            }

            // Over the input that ends here; not when it is read a second time as another operand.
            if (needs.Below is { } below && op is not ReshapeOp && lives.TryGetValue(root(op.Input), out (int First, int Last) input) && input.Last == step
                && op.Inputs.Count(t => root(t) == root(op.Input)) == 1)
            {
                blocks.Single(b => b.Tensor == op.Output).Over = (blocks.Single(b => b.Tensor == root(op.Input)), below);
            }
        }

        return blocks;
    }

    private static (int Bytes, int[] Offsets) Place(List<Block> blocks, IReadOnlyList<Block> order)
    {
        Dictionary<Block, int> placed = [];
        foreach (Block block in order)
        {
            Block[] others = [.. placed.Keys.Where(other => other.First <= block.Last && block.First <= other.Last)];
            placed[block] = others.SelectMany(other => Edges(block, other, placed[other])).Append(0).Where(at => at >= 0)
                .Select(at => (at + Alignment - 1) / Alignment * Alignment).Order().First(at => others.All(other => Fits(block, at, other, placed[other])));
        }

        return (blocks.Max(b => placed[b] + b.Bytes), [.. blocks.Select(b => placed[b])]);
    }

    private static IEnumerable<int> Edges(Block block, Block other, int at)
    {
        yield return at + other.Bytes;
        if (block.Over is { } over && over.Input == other)
        {
            yield return Down(at - over.Below);
        }

        if (other.Over is { } under && under.Input == block)
        {
            yield return at + under.Below;
        }
    }

    private static int Down(int at) => at >= 0 ? at / Alignment * Alignment : -1;

    private static bool Fits(Block block, int at, Block other, int otherAt) =>
        at + block.Bytes <= otherAt || otherAt + other.Bytes <= at
        || (block.Over is { } over && over.Input == other && at <= otherAt - over.Below)
        || (other.Over is { } under && under.Input == block && otherAt <= at - under.Below);

    /// <summary>A tensor, or the buffer of a step.</summary>
    private sealed class Block(int tensor, int bytes, int first, int last)
    {
        public int Tensor => tensor;

        public int Bytes => bytes;

        public int First => first;

        public int Last => last;

        /// <summary>The input that it may lie over, and how far below its beginning.</summary>
        public (Block Input, int Below)? Over { get; set; }
    }
}

/// <summary>What a layer asks of the arena beside its tensors.</summary>
/// <param name="ScratchBytes">A buffer while it runs.</param>
/// <param name="Below">As <see cref="LayerForm.Below"/>.</param>
internal readonly record struct LayerNeeds(int ScratchBytes, int? Below);
