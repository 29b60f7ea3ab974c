using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace EdgeConv.Generators;

/// <summary>
/// The statements of <see cref="DepthwiseRow"/>, written when they are called, so that an order is a list of them. p and a are products and sums of the
/// lower eight channels, q and b those of the upper; l and h are the lower and upper four of these.
/// </summary>
/// <remarks>
/// Each result is a variable of its own: in one that is written again RyuJIT copies the lower half before it is used. Upper halves go first:
/// then a register is free to be its own lower half, and nothing is copied. All variables are given to Variables.Declare, see there.
/// </remarks>
internal sealed class DepthwiseTile(StringBuilder source, int[] ends)
{
    private readonly Dictionary<string, List<string>> _variables = [];

    /// <summary>Where the sums are by now: "a0l" are the lower four of the lower eight channels of pixel 0.</summary>
    public Dictionary<string, string> Sums { get; set; } = [];

    public void Line(string statement) => source.Append("                        ").Append(statement).Append('\n');

    /// <summary>A tap's weights, once for each set of pixels; from the second place where they lie for the last.</summary>
    public Action Weights(int tap, int[] pixels) =>
        () => Load(Name(tap, pixels), tap == 0 ? "w" : pixels[0] == 0 ? $"w + {16 * tap}" : $"w + 16 * ({tap} + NeonDepthwiseBlock.TwiceTaps)");

    /// <summary>Their lower half, when the upper is not needed any more.</summary>
    public Action Halve(int tap, int[] pixels) => () => Set("Vector64<sbyte>", $"half{Name(tap, pixels)}", $"{Name(tap, pixels)}.GetLower()");

    public Action Input(int tap, int i) => () => Load($"x{tap}_{i}", tap == 0 ? $"at{i}" : $"at{i} + o{tap}");

    public Action Bias(string half, string part) => () => Set("Vector128<int>", $"bias{half}{part}", $"AdvSimd.LoadVector128({half} + Panel.Bias{Lanes(part)})");

    public Action Multiplier(string half, string part) =>
        () => Set("Vector128<float>", $"m{half}{part}", $"AdvSimd.LoadVector128((float*){half} + Panel.Multiplier{Lanes(part)})");

    public Action Origin(string half) => () => Set("Vector128<short>", $"origins{half}", $"AdvSimd.LoadVector128((short*)({half} + Panel.ShortShiftBy))");

    public IEnumerable<Action> Uppers(int tap, int[] pixels) => pixels.Select<int, Action>(i => () =>
        Set("Vector128<short>", $"q{tap}_{i}", Begins(tap) ? $"AdvSimd.MultiplyWideningUpper(x{tap}_{i}, {Name(tap, pixels)})"
            : $"AdvSimd.MultiplyWideningUpperAndAdd(q{tap - 1}_{i}, x{tap}_{i}, {Name(tap, pixels)})"));

    public IEnumerable<Action> Lowers(int tap, int[] pixels) => pixels.Select<int, Action>(i => () =>
        Set("Vector128<short>", $"p{tap}_{i}", Begins(tap) ? $"AdvSimd.MultiplyWideningLower(x{tap}_{i}.GetLower(), half{Name(tap, pixels)})"
            : $"AdvSimd.MultiplyWideningLowerAndAdd(p{tap - 1}_{i}, x{tap}_{i}.GetLower(), half{Name(tap, pixels)})"));

    /// <summary>Adds the products of the group that ends with a tap to the sums; the first come to the bias.</summary>
    public Action Add(string half, int i, string part, int tap) => () =>
    {
        string products = $"{(half == "a" ? "p" : "q")}{tap}_{i}";
        bool isFirst = !Sums.TryGetValue($"{half}{i}{part}", out string sums);
        Next(half, i, part, "int", (isFirst, part) switch
        {
            (true, "h") => $"AdvSimd.AddWideningUpper(bias{half}h, {products})",
            (true, _) => $"AdvSimd.AddWideningLower(bias{half}l, {products}.GetLower())",
            (_, "h") => $"AdvSimd.AbsoluteDifferenceWideningUpperAndAdd({sums}, {products}, floor)",
            _ => $"AdvSimd.AbsoluteDifferenceWideningLowerAndAdd({sums}, {products}.GetLower(), lowerFloor)",
        });
    };

    public IEnumerable<Action> Adds(string half, int i, int tap) => [Add(half, i, "h", tap), Add(half, i, "l", tap)];

    /// <summary>The fused multiplication of LinearScale.</summary>
    public Action Scale(string half, int i, string part) =>
        () => Next(half, i, part, "float", $"AdvSimd.ReciprocalStep({Sums[$"{half}{i}{part}"]}.AsSingle(), m{half}{part})");

    public Action NarrowLower(string half, int i) =>
        () => Set("Vector64<short>", $"l{half}{i}", $"AdvSimd.ExtractNarrowingLower({Sums[$"{half}{i}l"]}.AsInt32())");

    public Action NarrowUpper(string half, int i) =>
        () => Set("Vector128<short>", $"n{half}{i}", $"AdvSimd.ExtractNarrowingUpper(l{half}{i}, {Sums[$"{half}{i}h"]}.AsInt32())");

    public Action Subtract(string half, int i) => () => Set("Vector128<short>", $"v{half}{i}", $"n{half}{i} - origins{half}");

    public Action LowerBytes(int i) => () => Set("Vector64<sbyte>", $"lower{i}", $"AdvSimd.ExtractNarrowingSaturateLower(va{i})");

    public Action UpperBytes(int i) => () => Set("Vector128<sbyte>", $"bytes{i}", $"AdvSimd.ExtractNarrowingSaturateUpper(lower{i}, vb{i})");

    public Action Store(int i) => () => Line($"AdvSimd.Store({Output(i)}, bytes{i});");

    public static string Output(int i) => i switch { 0 => "out0", 1 => "out0 + pixel", _ => $"out0 + pixel{i}" };

    /// <summary>Whether a tap is the first of a group.</summary>
    public bool Begins(int tap) => tap == 0 || Array.IndexOf(ends, tap - 1) >= 0;

    /// <summary>All variables, sixteen a call.</summary>
    public string Declarations()
    {
        var declarations = new StringBuilder();
        foreach (KeyValuePair<string, List<string>> variables in _variables)
        {
            for (int first = 0; first < variables.Value.Count; first += 16)
            {
                IEnumerable<string> names = variables.Value.Skip(first).Concat(Enumerable.Repeat("_", 15)).Take(16);
                declarations.Append("                        Variables.Declare(").Append(string.Join(", ", names.Select(name => $"out {variables.Key} {name}"))).Append(");\n");
            }
        }

        return declarations.ToString();
    }

    private static string Name(int tap, int[] pixels) => $"w{tap}_{string.Concat(pixels)}";

    private static string Lanes(string part) => part == "h" ? " + 4" : "";

    private void Next(string half, int i, string part, string type, string value)
    {
        string name = $"s{half}{i}{part}";
        name += Sums.TryGetValue($"{half}{i}{part}", out string last) ? int.Parse(last.Substring(name.Length)) + 1 : 0;
        Set($"Vector128<{type}>", name, value);
        Sums[$"{half}{i}{part}"] = name;
    }

    private void Load(string name, string address) => Set("Vector128<sbyte>", name, $"AdvSimd.LoadVector128({address})");

    /// <summary>A result of its own.</summary>
    private void Set(string type, string name, string value)
    {
        if (!_variables.TryGetValue(type, out List<string> names))
        {
            _variables[type] = names = [];
        }

        if (!names.Contains(name))
        {
            names.Add(name);
        }

        Line($"{name} = {value};");
    }
}
