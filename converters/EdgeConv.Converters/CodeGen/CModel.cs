using System.Globalization;
using System.Text.RegularExpressions;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>A model as its C code names it.</summary>
/// <param name="model">The model.</param>
/// <param name="prefix">Of all that others can see.</param>
internal sealed partial class CModel(Model model, string prefix)
{
    private readonly Dictionary<(Conv2DOp Op, int Factor), OutputNumbers> _numbers = [];

    /// <summary>The prefix of those who have one model.</summary>
    public const string UsualPrefix = "edgeconv";

    /// <summary>Of functions and data that others can see.</summary>
    public string Prefix => prefix;

    /// <summary>Of macros.</summary>
    public string Macro { get; } = prefix.ToUpperInvariant();

    /// <summary>The model.</summary>
    public Model Model => model;

    /// <summary>Where everything lies and how each layer is computed; needed by what writes text.</summary>
    public LayerPlan? Plan { get; set; }

    /// <summary>Before names that only the file itself sees, so that two models can be compiled in one.</summary>
    public string Own { get; } = prefix == UsualPrefix ? "" : $"{prefix}_";

    /// <summary>The tensor of an index.</summary>
    public TensorInfo Info(int tensor) => model.Tensors[tensor];

    /// <summary>The first three dimensions behind the batch of an image.</summary>
    public (int Height, int Width, int Channels) Image(int tensor) => (Info(tensor).Shape[1], Info(tensor).Shape[2], Info(tensor).Shape[3]);

    /// <summary>Prefix of all that belongs to a layer: l03_conv2, in the order in which they run.</summary>
    public string Name(ModelOperator op) =>
        string.Create(CultureInfo.InvariantCulture, $"{Own}l{Step(op) + 1:D2}_{NotInNames().Replace(op.Name, "_").Trim('_')}");

    private int Step(ModelOperator op) => model.Operators.Index().First(step => ReferenceEquals(step.Item, op)).Index;

    /// <summary>Whether an activation, or what stands in for one, has int16 elements.</summary>
    public bool IsWide(int tensor) => Info(tensor).Type == ElementType.Int16;

    /// <summary>Whether some activation has.</summary>
    public bool HasWide { get; } = model.Tensors.Any(t => t.Storage == TensorStorage.Arena && t.Type == ElementType.Int16);

    /// <summary>The C type of a tensor's elements, for those who call the model.</summary>
    public string Type(int tensor) => IsWide(tensor) ? "int16_t" : "int8_t";

    /// <summary>The same inside, where the memory of an int16 is used as bytes and words at other times.</summary>
    public string Element(int tensor) => IsWide(tensor) ? "edgeconv_int16" : "int8_t";

    /// <summary>What that type holds.</summary>
    public (int Least, int Most) Bounds(int tensor) => IsWide(tensor) ? (short.MinValue, short.MaxValue) : (sbyte.MinValue, sbyte.MaxValue);

    /// <summary>The first element of a tensor: in the arena, or the table that holds it.</summary>
    public string At(int tensor) =>
        Info(tensor).Storage != TensorStorage.Arena ? $"{Own}constant_{tensor}"
        : IsWide(tensor) ? $"((edgeconv_int16 *){prefix}_memory + {Plan!.Arena.Tensor(tensor) / sizeof(short)})"
        : Bytes(tensor);

    /// <summary>The first byte of a tensor in the arena.</summary>
    public string Bytes(int tensor) => $"({prefix}_arena + {Plan!.Arena.Tensor(tensor)})";

    /// <summary>The C expression of an output element: x times a factor, plus the zero point, clamped.</summary>
    /// <param name="output">The tensor.</param>
    /// <param name="x">An int32.</param>
    /// <param name="factor">Of the scales.</param>
    /// <param name="min">Lower bound.</param>
    /// <param name="max">Upper bound.</param>
    public string Requantize(int output, string x, QuantizedMultiplier factor, int min, int max) =>
        $"{(IsWide(output) ? "edgeconv_requantize_wide" : "edgeconv_requantize")}({x}, {factor.Multiplier}, {factor.Shift}, {Info(output).ZeroPoint}, {min}, {max})";

    /// <summary>Where a layer's buffer begins, as bytes.</summary>
    public string Scratch(ModelOperator op) => $"({prefix}_arena + {Plan!.Arena.Scratch(Step(op))})";

    /// <summary>The same, as words.</summary>
    public string ScratchWords(ModelOperator op) => $"{prefix}_memory + {Plan!.Arena.Scratch(Step(op)) / sizeof(uint)}";

    /// <summary>28x28x1.</summary>
    public string Shape(int tensor) => string.Join('x', Info(tensor).Shape.Skip(Info(tensor).Shape.Count > 1 ? 1 : 0));

    /// <summary>The output numbers of a convolution, of which all its forms ask: solved once.</summary>
    /// <param name="op">The layer.</param>
    /// <param name="factor">Sums come as this many times what they are.</param>
    public OutputNumbers Numbers(Conv2DOp op, int factor = 1)
    {
        if (!_numbers.TryGetValue((op, factor), out OutputNumbers? numbers))
        {
            _numbers[(op, factor)] = numbers = new OutputNumbers(this, op, factor);
        }

        return numbers;
    }

    /// <summary>The place of a step where several are done together, as C has it: the last ones may be done again with those before them.</summary>
    /// <param name="step">The variable that counts steps.</param>
    /// <param name="size">Places of a step.</param>
    /// <param name="count">Places of all; at least one step's.</param>
    public static string Place(string step, int size, int count) => size == 1 ? step
        : count % size == 0 ? $"{step} * {size}" : $"{step} < {count / size} ? {step} * {size} : {count - size}";

    /// <summary>x minus its zero point, as C has it.</summary>
    public static string Minus(string x, int zeroPoint) => zeroPoint switch
    {
        0 => x,
        < 0 => string.Create(CultureInfo.InvariantCulture, $"{x} + {-zeroPoint}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{x} - {zeroPoint}"),
    };

    /// <summary>x times a number, as C has it.</summary>
    public static string Times(string x, int factor) => factor == 1 ? x : string.Create(CultureInfo.InvariantCulture, $"{x} * {factor}");

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NotInNames();
}
