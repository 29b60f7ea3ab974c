using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>What the words of <see cref="WordConvolution"/> hold, and what the lanes of <see cref="DotKernel"/> are.</summary>
/// <param name="Name">In a few words.</param>
/// <param name="Rows">Rows of the convolution that a tile gives: one or two.</param>
/// <param name="FiltersADot">Filters in the four lanes: four, or two at two rows.</param>
/// <param name="Sets">Calls of the kernel for a tile.</param>
/// <param name="Groups">Runs of words that a call looks at.</param>
internal abstract record WordLayout(string Name, int Rows, int FiltersADot, int Sets, int Groups)
{
    /// <summary>Sums come as this many times what they are.</summary>
    public virtual int Factor => 1;

    /// <summary>Instructions that go into a word when the buffer is filled, about.</summary>
    public virtual int InstructionsAWord => 5;

    /// <summary>Instructions between the kernel's sums and a tile's, about.</summary>
    public virtual int CombineInstructions => 0;

    /// <summary>What keeps it from this layer, or null.</summary>
    public string? Obstacle { get; protected init; }

    /// <summary>Those that there are.</summary>
    public static IEnumerable<WordLayout> All(CModel model, Conv2DOp op)
    {
        int channels = model.Image(op.Input).Channels;
        yield return new ChannelWords(op.Window, channels);
        if (channels == 1)
        {
            yield return new RowWords(op.Window);
        }

        yield return new WinogradWords(op, channels);
    }

    /// <summary>Lines of words that some rows of the image take.</summary>
    public abstract int Lines(int rows);

    /// <summary>The C statement that fills the buffer.</summary>
    /// <param name="place">words, image, first row, rows, height, width.</param>
    /// <param name="padding">left, right, zero point.</param>
    /// <param name="columns">Words of a line.</param>
    public abstract string Fill(string place, string padding, int columns);

    /// <summary>[block of filters][set][group][tap][lane], two int16 each.</summary>
    /// <param name="weights">[filter][row][column][channel].</param>
    /// <param name="filters">Of the layer.</param>
    public uint[] Weights(ReadOnlySpan<sbyte> weights, int filters)
    {
        List<uint> words = [];
        for (int block = 0; block < filters; block += FiltersADot)
        {
            for (int set = 0; set < Sets; set++)
            {
                for (int group = 0; group < Groups; group++)
                {
                    for (int tap = 0; tap < Columns; tap++)
                    {
                        for (int lane = 0; lane < DotKernel.Lanes; lane++)
                        {
                            words.Add(Word(weights, block, filters, set, group, tap, lane));
                        }
                    }
                }
            }
        }

        return [.. words];
    }

    /// <summary>C that puts a tile's sums into sums[].</summary>
    /// <param name="dot">The kernel.</param>
    /// <param name="at">Where the words of the window begin.</param>
    /// <param name="w">Where its weights begin.</param>
    /// <param name="weights">Words of weights of a call.</param>
    /// <param name="columns">Words of a line.</param>
    public virtual string Sums(string dot, string at, string w, int weights, int columns) => $"{dot}({at}, {w}, sums);";

    /// <summary>Where a sum stands.</summary>
    /// <param name="row">Of the tile.</param>
    /// <param name="column">Of the tile: 0 or 1.</param>
    /// <param name="filter">Of the block.</param>
    public abstract int SumIndex(int row, int column, int filter);

    /// <summary>Columns of the kernel.</summary>
    protected abstract int Columns { get; }

    /// <summary>Two weights.</summary>
    protected abstract uint Word(ReadOnlySpan<sbyte> weights, int block, int filters, int set, int group, int tap, int lane);

    /// <summary>Two int16 in a word.</summary>
    protected static uint Pair(int low, int high) => (ushort)low | (uint)(ushort)high << 16;
}

/// <summary>Two channels a word; the lanes are four filters.</summary>
internal record ChannelWords : WordLayout
{
    private readonly Window _window;
    private readonly int _channels;

    public ChannelWords(Window window, int channels) : this("channel pairs in words, two places by four filters", window, channels, 1, 1, window.KernelH)
    {
    }

    protected ChannelWords(string name, Window window, int channels, int rows, int sets, int kernelRows)
        : base(name, rows, DotKernel.Lanes, sets, kernelRows * ((channels + 1) / 2)) => (_window, _channels) = (window, channels);

    /// <inheritdoc/>
    public override int Lines(int rows) => rows * PairsOfChannels;

    /// <inheritdoc/>
    public override string Fill(string place, string padding, int columns) => $"edgeconv_channel_words({place}, {_channels}, {padding});";

    /// <inheritdoc/>
    public override int SumIndex(int row, int column, int filter) => DotKernel.Lanes * column + filter;

    /// <inheritdoc/>
    protected override int Columns => _window.KernelW;

    /// <summary>Words of a pixel.</summary>
    protected int PairsOfChannels => (_channels + 1) / 2;

    /// <inheritdoc/>
    protected override uint Word(ReadOnlySpan<sbyte> weights, int block, int filters, int set, int group, int tap, int lane)
    {
        (int row, int pair) = Math.DivRem(group, PairsOfChannels);
        (int low, int high) = Channels(pair);
        return Pair(Weight(weights, block + lane, filters, row, tap, low), Weight(weights, block + lane, filters, row, tap, high));
    }

    /// <summary>
    /// The two channels of a word: SXTB16 takes bytes 0 and 2 of four, or 1 and 3; what is left over after the fours are three in the same order, or two
    /// side by side.
    /// </summary>
    protected (int Low, int High) Channels(int pair)
    {
        int four = pair / 2 * 4;
        return _channels - four <= 2 ? (four, four + 1) : (four + pair % 2, four + pair % 2 + 2);
    }

    /// <summary>0 for filters and channels that only fill up.</summary>
    protected int Weight(ReadOnlySpan<sbyte> weights, int filter, int filters, int row, int column, int channel) => filter < filters && channel < _channels
        ? weights[((filter * _window.KernelH + row) * _window.KernelW + column) * _channels + channel]
        : 0;
}

/// <summary>A single channel: two rows a word; the lanes are two filters at two rows, so that one word serves both rows.</summary>
internal sealed record RowWords : WordLayout
{
    private readonly Window _window;

    public RowWords(Window window) : base("row pairs in words, two by two places by two filters", 2, 2, 1, window.KernelH / 2 + 1)
    {
        _window = window;
        Obstacle = window.StrideH != 1 ? "a stride" : null;
    }

    /// <inheritdoc/>
    public override int InstructionsAWord => 3;

    /// <inheritdoc/>
    public override int Lines(int rows) => (rows + 1) / 2;

    /// <inheritdoc/>
    public override string Fill(string place, string padding, int columns) => $"edgeconv_row_words({place}, {padding});";

    /// <inheritdoc/>
    public override int SumIndex(int row, int column, int filter) => DotKernel.Lanes * column + 2 * filter + row;

    /// <inheritdoc/>
    protected override int Columns => _window.KernelW;

    /// <inheritdoc/>
    protected override uint Word(ReadOnlySpan<sbyte> weights, int block, int filters, int set, int group, int tap, int lane)
    {
        int filter = block + lane / 2, row = 2 * group - lane % 2;
        return Pair(Weight(weights, row), Weight(weights, row + 1));

        int Weight(ReadOnlySpan<sbyte> all, int at) =>
            filter < filters && at >= 0 && at < _window.KernelH ? all[(filter * _window.KernelH + at) * _window.KernelW + tap] : 0;
    }
}
