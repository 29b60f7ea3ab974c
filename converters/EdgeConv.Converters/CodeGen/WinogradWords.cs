using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Winograd's F(2, 3) and F(2, 5) down the columns, in whole numbers: two rows of a convolution of k rows take k + 1 products a column where 2k
/// are asked for. The kernel is a polynomial that is evaluated at the points 0, 1, -1 (2, -2) and infinity; with the denominators multiplied out all
/// weights are integers, and the sums come as 2 or 24 times what they are, which the requantization takes off again.
/// Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015; Toom and Cook's points.
/// </summary>
internal sealed record WinogradWords : ChannelWords
{
    private readonly int _rows;

    public WinogradWords(Conv2DOp op, int channels)
        : base($"Winograd F(2,{op.Window.KernelH}) down the columns, two by two places by four filters", op.Window, channels, rows: 2, sets: op.Window.KernelH + 1, kernelRows: 1)
    {
        _rows = op.Window.KernelH;
        Obstacle = _rows is not (3 or 5) ? $"a kernel of {_rows} rows" : op.Window.StrideH != 1 ? "a stride" : op.IsPooled && op.Pool.KernelH != 2 ? "a pooling of more than two rows" : null;
    }

    /// <inheritdoc/>
    public override int Factor => _rows == 3 ? 2 : 24;

    /// <inheritdoc/>
    public override int InstructionsAWord => _rows == 3 ? 8 : 10;

    /// <inheritdoc/>
    public override int CombineInstructions => _rows == 3 ? 60 : 110;

    // Infinity is the last one.
    private int[] Points => _rows == 3 ? [1, -1, 0] : [1, -1, 2, -2, 0];

    /// <inheritdoc/>
    public override string Fill(string place, string padding, int columns) =>
        $"{base.Fill(place, padding, columns)}\n        edgeconv_winograd_{_rows}(words, {PairsOfChannels * columns});";

    /// <inheritdoc/>
    public override string Sums(string dot, string at, string w, int weights, int columns) => $$"""
        int32_t parts[{{8 * Sets}}];
        for (int32_t set = 0; set < {{Sets}}; set++) {
            {{dot}}({{at}} + set * {{PairsOfChannels * columns}}, {{w}} + set * {{weights}}, parts + 8 * set);
        }
        edgeconv_unwind_{{_rows}}(parts, sums);
        """;

    /// <inheritdoc/>
    public override int SumIndex(int row, int column, int filter) => 8 * row + base.SumIndex(row, column, filter);

    /// <inheritdoc/>
    protected override uint Word(ReadOnlySpan<sbyte> weights, int block, int filters, int set, int group, int tap, int lane)
    {
        (int low, int high) = Channels(group);
        return Pair(Value(weights, low), Value(weights, high));

        int Value(ReadOnlySpan<sbyte> all, int channel)
        {
            if (set == _rows)
            {
                return Factor * Weight(all, block + lane, filters, _rows - 1, tap, channel);
            }

            int point = Points[set], sum = 0, power = 1;
            for (int row = 0; row < _rows; row++, power *= point)
            {
                sum += power * Weight(all, block + lane, filters, row, tap, channel);
            }

            return sum * Factor / Points.Where(other => other != point).Aggregate(1, (product, other) => product * (point - other));
        }
    }
}
