using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>A model as portable C99 of its own: every size a constant, no heap, no library, no interpreter.</summary>
public static partial class CExport
{
    /// <summary>All files of the project, always the same for the same model.</summary>
    /// <param name="model">One picture at a time.</param>
    /// <param name="name">As of <see cref="Create"/>.</param>
    /// <param name="goal">As of <see cref="Create"/>.</param>
    /// <exception cref="CodeGenException">As of <see cref="Create"/>.</exception>
    public static IReadOnlyList<CodeFile> Write(Model model, string? name = null, CGoal? goal = null) => Create(model, name, goal).Files;

    /// <summary>The project, and how it was decided.</summary>
    /// <param name="model">One picture at a time.</param>
    /// <param name="name">
    /// For a program with several models: prefix of this one's functions, and name of its files; small letters, digits and _. Without it they are
    /// edgeconv_run and so on, in model.c.
    /// </param>
    /// <param name="goal">What it is for and to be best at; without it balanced, for every processor.</param>
    /// <exception cref="CodeGenException">
    /// No such name is possible, it takes several pictures at a time, or the model does not fit what the goal allows.
    /// </exception>
    public static CProject Create(Model model, string? name = null, CGoal? goal = null)
    {
        if (name is not null && !Prefixes().IsMatch(name))
        {
            throw new CodeGenException($"'{name}' cannot be the name of C functions; expected small letters, digits and _, a letter first, as in digits.");
        }

        goal ??= new CGoal();
        if (goal is { SlotVersion: not null, Cpu: null })
        {
            throw new CodeGenException("tables in a slot are those of one processor; name it: --cpu cortex-m4.");
        }

        CModel names = Plan(model, name ?? CModel.UsualPrefix, goal);
        string file = name ?? "model";
        CWeights? weights = goal.SlotVersion is null ? null : new CWeights(names.Prefix);
        string source = Source(names, file, goal, weights);   // before the header, which has the length of all its tables
        // The header and the frames have the scale of the input and the preprocessing, which no self-test would miss.
        CodeFile[] code = [new($"src/{file}.h", Header(names, weights)), new($"src/{file}.c", source), .. Frames(names, file, Title(names, weights))];
        CodeFile[] library =
        [
            new("src/edgeconv_math.h", Resource("edgeconv_math.h")),
            new("src/edgeconv_dsp.h", Resource("edgeconv_dsp.h")),
            new("src/edgeconv_mve.h", Resource("edgeconv_mve.h")),
            .. names.HasWide ? [new CodeFile("src/edgeconv_wide.h", Resource("edgeconv_wide.h"))] : (CodeFile[])[],
        ];
        SlotCode? slot = weights is null ? null : new SlotCode(code, library);
        CodeFile? image = slot is null ? null : new CodeFile($"{file}.weights", "", weights!.ToSlot(goal.SlotVersion!.Value, slot.Identity));
        CodeFile[] files =
        [
            .. slot?.Files ?? code,
            .. image is null ? (CodeFile[])[] : [image],
            .. library,
            .. CProjects.Write(model, file),
        ];
        return new CProject(files, ArenaBytes(names), names.Plan!, [.. model.Operators.Select(op => op.Name)]) { Image = image, SlotCode = slot };
    }

    private static IEnumerable<CodeFile> Frames(CModel names, string file, string title)
    {
        CodeFile[] frames = [.. FrameC.Write(names, file, title)];
        return frames.Length == 0 ? [] : [.. frames, new("src/edgeconv_frame.h", Resource("edgeconv_frame.h"))];
    }

    /// <summary>How the model will be computed, before a line of it is written.</summary>
    /// <param name="model">One picture at a time.</param>
    /// <param name="prefix">Of all that others can see.</param>
    /// <param name="goal">What it is to be best at.</param>
    /// <exception cref="CodeGenException">It takes several pictures at a time, or does not fit what the goal allows.</exception>
    internal static CModel Plan(Model model, string prefix, CGoal goal)
    {
        OnePicture.Demand(model, "C");
        CModel names = new(model, prefix);
        names.Plan = new LayerPlan(names, goal);
        return names;
    }

    /// <summary>RAM of a model that is planned: words and vectors are read a little behind the last pixel.</summary>
    internal static int ArenaBytes(CModel names)
    {
        int behind = names.Plan!.Extensions.Contains(Extension.Mve) ? VectorConvolution.ReadsBehind : DspSumText.ReadsBehind;
        return (names.Plan.Arena.Bytes + Math.Max(behind, names.HasWide ? WideRunText.ReadsBehind : 0) + 3) / 4 * 4;
    }

    private static string Header(CModel names, CWeights? weights)
    {
        (Model model, string prefix, string macro) = (names.Model, names.Prefix, names.Macro);
        CText text = new();
        text.Add($$"""
            /*
             * {{Title(names, weights)}}: generated by EdgeConv, do not edit.
             *
             *   {{prefix}}_init({{(weights is null ? ");                 " : "first, second);    ")}}  once
             *   {{prefix}}_run(input, output);       {{names.Type(model.InputTensor)[..^2]}} in, {{names.Type(model.OutputTensor)[..^2]}} out; not for several threads at once
             *   {{prefix}}_selftest()                0, or the number of the first layer whose bytes are not those of the PC
             */
            #ifndef {{macro}}_MODEL_H
            #define {{macro}}_MODEL_H

            #include <stdint.h>

            #ifdef __cplusplus
            extern "C" {
            #endif

            /* real = SCALE * (q - ZERO_POINT) */
            {{Constants(names, "INPUT", model.InputTensor)}}
            {{Constants(names, "OUTPUT", model.OutputTensor)}}
            #define {{macro}}_ARENA_BYTES {{ArenaBytes(names)}}
            #define {{macro}}_LAYERS {{model.Operators.Count}}
            """);
        if (model.Labels.Count > 0)
        {
            text.Add($"\n/* Names of the outputs. */\n#define {macro}_LABELS {model.Labels.Count}\nextern const char *const {prefix}_labels[{macro}_LABELS];");
        }

        return text.Add($$"""

            {{InitDeclaration(names, weights)}}

            /* input: {{macro}}_INPUT_LENGTH elements, rows of pixels of channels; output: {{macro}}_OUTPUT_LENGTH elements. */
            void {{prefix}}_run(const {{names.Type(model.InputTensor)}} *input, {{names.Type(model.OutputTensor)}} *output);

            /* Runs the golden vector: 0 where every layer gave the expected bytes, else the first layer (from 1) that did not; -1 where
               there is none, or EDGECONV_NO_SELFTEST left it out to save its flash. */
            int32_t {{prefix}}_selftest(void);

            #ifdef __cplusplus
            }
            #endif

            #endif
            """).ToString();
    }

    private static string Source(CModel names, string file, CGoal goal, CWeights? weights)
    {
        Model model = names.Model;
        CText text = new(weights);
        text.Add($$"""
            /*
             * {{Title(names, weights)}}: generated by EdgeConv, do not edit. Layer by layer below; {{names.Prefix}}_run is at the end.
             *
             * {{model.Operators.Sum(op => LayerCost.Of(model, op).Macs).ToString("N0", CultureInfo.InvariantCulture)}} multiply-adds, {{ArenaBytes(names)}} bytes of arena, in which each layer's output may lie over the input that it eats up:
            {{ArenaMap(names)}}
             */
            #include "{{file}}.h"
            #include "edgeconv_math.h"
            #include "edgeconv_dsp.h"
            #include "edgeconv_mve.h"{{(names.HasWide ? "\n#include \"edgeconv_wide.h\"" : "")}}

            /* Told of every layer's bytes when it is done: for tests, nothing otherwise. */
            #ifndef EDGECONV_TRACE
            #define EDGECONV_TRACE(layer, bytes, length) ((void)0)
            #endif

            {{(weights is null ? "" : $"/* The slot that was picked: all tables lie in it. */\nstatic const uint8_t *{names.Prefix}_slot;\n")}}static uint32_t {{names.Prefix}}_memory[{{names.Macro}}_ARENA_BYTES / 4];
            #define {{names.Prefix}}_arena ((int8_t *){{names.Prefix}}_memory)
            """);
        if (goal.Cpu is not null && goal.Extensions[0] > Extension.Portable)
        {
            text.Add($"""

                #ifndef {Guard(goal.Extensions[0])}
                #error "made for {goal.Cpu}, compiled for a processor without its instructions; see -mcpu, or export without --cpu"
                #endif
                """);
        }

        foreach ((int index, ModelOperator op) in model.Operators.Index())
        {
            long macs = LayerCost.Of(model, op).Macs;
            string work = macs > 0 ? $"; {macs.ToString("N0", CultureInfo.InvariantCulture)} multiply-adds" : "";
            text.Add($"\n/* {index + 1}. {Comment(op.Name)}: {Describe(names, op)}, {names.Shape(op.Input)} -> {names.Shape(op.Output)}{work} */");
            Forms(names.Plan!, index, text);
        }

        if (model.Labels.Count > 0)
        {
            text.Add($"\nconst char *const {names.Prefix}_labels[{model.Labels.Count}] = {{\n    {string.Join(",\n    ", model.Labels.Select(Literal))},\n}};");
        }

        return Run(names, text, weights).ToString();
    }

    private static CText Run(CModel names, CText text, CWeights? weights)
    {
        Model model = names.Model;
        GoldenVector? golden = model.GoldenVectors.Count > 0 ? model.GoldenVectors[0] : null;
        string steps = string.Join('\n', model.Operators.Index().Select(step =>
            $"    {names.Macro}_STEP({step.Index}, {names.Name(step.Item)}, {names.Bytes(step.Item.Output)}, {names.Info(step.Item.Output).ByteLength});"));
        text.Add($$"""

            #define {{names.Macro}}_STEP(layer, function, bytes, length) \
                do { \
                    function(); \
                    EDGECONV_TRACE(layer, bytes, length); \
                    if (hashes != 0 && edgeconv_crc(bytes, length) != hashes[layer]) { \
                        return (layer) + 1; \
                    } \
                } while (0)

            /* All layers; with hashes, stops at the first one whose bytes differ. */
            static int32_t {{names.Prefix}}_layers(const uint32_t *hashes)
            {
            {{steps}}
                return 0;
            }

            {{Init(names, weights)}}

            void {{names.Prefix}}_run(const {{names.Type(model.InputTensor)}} *input, {{names.Type(model.OutputTensor)}} *output)
            {{{(weights is null ? "" : $"\n    if ({names.Prefix}_slot == 0) {{\n        return;\n    }}")}}
                edgeconv_copy({{names.Bytes(model.InputTensor)}}, {{From(names, "input")}}, {{model.Input.ByteLength}});
                (void){{names.Prefix}}_layers(0);
                edgeconv_copy({{(names.IsWide(model.OutputTensor) ? "(int8_t *)output" : "output")}}, {{names.Bytes(model.OutputTensor)}}, {{model.Output.ByteLength}});
            }

            """);
        if (golden is null)
        {
            return text.Add($"int32_t {names.Prefix}_selftest(void)\n{{\n    return -1;\n}}");
        }

        text.Add("#ifndef EDGECONV_NO_SELFTEST");
        if (names.IsWide(model.InputTensor))
        {
            text.Table("int16_t", $"{names.Own}golden_input", MemoryMarshal.Cast<sbyte, short>(golden.Input.Span).ToArray());
        }
        else
        {
            text.Table("int8_t", $"{names.Own}golden_input", golden.Input.ToArray());
        }

        text.Table("uint32_t", $"{names.Own}golden_hashes", [.. golden.LayerHashes]);
        return text.Add($$"""

            int32_t {{names.Prefix}}_selftest(void)
            {
                edgeconv_copy({{names.Bytes(model.InputTensor)}}, {{From(names, $"{names.Own}golden_input")}}, {{model.Input.ByteLength}});
                return {{names.Prefix}}_layers({{names.Own}}golden_hashes);
            }
            #else
            int32_t {{names.Prefix}}_selftest(void)
            {
                return -1;
            }
            #endif
            """);
    }

    private static string InitDeclaration(CModel names, CWeights? weights) => weights is null
        ? $"/* Clears the arena. */\nvoid {names.Prefix}_init(void);"
        : $"""
            /* Bytes of a slot: {SlotImage.HeaderBytes} of header, and all tables. */
            #define {names.Macro}_SLOT_BYTES {weights.Length}

            /* Clears the arena and picks a slot; both are aligned to {CWeights.Alignment} bytes, and either may be 0. Of those that are whole, undamaged and made for this
               code the newer one that passes the self-test: 1 the first, 2 the second, 0 none, and then _run does nothing. */
            int32_t {names.Prefix}_init(const void *first, const void *second);
            """;

    // With slots the self-test comes first.
    private static string Init(CModel names, CWeights? weights) => weights is not null ? $"{weights.Init(names.Macro)}" : $$"""
        void {{names.Prefix}}_init(void)
        {
            for (int32_t i = 0; i < {{names.Macro}}_ARENA_BYTES / 4; i++) {
                {{names.Prefix}}_memory[i] = 0;
            }
        }
        """;

    /// <summary>Elements of the input as bytes.</summary>
    private static string From(CModel names, string input) => names.IsWide(names.Model.InputTensor) ? $"(const int8_t *){input}" : input;

    /// <summary>A layer for each kind of processor, the best first; alike ones once.</summary>
    private static void Forms(LayerPlan plan, int step, CText text)
    {
        (Extension Least, LayerForm Form)[] forms = [.. plan.Extensions.GroupBy(extension => plan.Form(extension, step))
            .Select(group => (group.Min(), group.Key)).OrderByDescending(form => form.Item1)];
        foreach ((int index, (Extension least, LayerForm form)) in forms.Index())
        {
            if (forms.Length > 1)
            {
                text.Add(index == 0 ? $"#if defined({Guard(least)})" : index < forms.Length - 1 ? $"#elif defined({Guard(least)})" : "#else");
            }

            text.Add($"/* {form.Algorithm} */");
            form.Write(text);
        }

        if (forms.Length > 1)
        {
            text.Add("#endif");
        }
    }

    private static string Guard(Extension extension) => extension == Extension.Mve ? "EDGECONV_MVE" : "EDGECONV_DSP";

    private static string Describe(CModel names, ModelOperator op) => op switch
    {
        Conv2DOp o => $"convolution {o.Window.KernelH}x{o.Window.KernelW}{Stride(o.Window)}{(o.Groups > 1 ? $" in {o.Groups} groups" : "")}"
            + (o.IsPooled ? $" with maximum pooling {o.Pool.KernelH}x{o.Pool.KernelW}" : ""),
        FullyConnectedOp => "fully connected",
        MaxPoolOp o => $"maximum pooling {o.Window.KernelH}x{o.Window.KernelW}{Stride(o.Window)}",
        AveragePoolOp o => $"average pooling {o.Window.KernelH}x{o.Window.KernelW}{Stride(o.Window)}",
        _ => op.GetType().Name[..^2].ToLowerInvariant(),
    };

    private static string Stride(Window w) => w.StrideH == 1 && w.StrideW == 1 ? "" : $", stride {w.StrideH}x{w.StrideW}";

    private static string ArenaMap(CModel names) => string.Join('\n', names.Model.Tensors.Index()
        .Where(t => t.Item.Storage == TensorStorage.Arena)
        .Select(t => (At: names.Plan!.Arena.Tensor(t.Index), t.Item.ByteLength, t.Item.Name))
        .OrderBy(t => t.At).ThenBy(t => t.ByteLength)
        .Select(t => $" *   {t.At,7} to {t.At + t.ByteLength,7}  {Comment(t.Name)}"));

    private static string Constants(CModel names, string which, int index)
    {
        TensorInfo tensor = names.Info(index);
        return string.Create(CultureInfo.InvariantCulture, $"""
            #define {names.Macro}_{which}_TYPE {names.Type(index)}
            #define {names.Macro}_{which}_LENGTH {tensor.Length}
            #define {names.Macro}_{which}_SCALE {Float(tensor.Scale)}
            #define {names.Macro}_{which}_ZERO_POINT ({tensor.ZeroPoint})
            """) + (tensor.Shape.Count == 4 ? $"""

            #define {names.Macro}_{which}_HEIGHT {tensor.Shape[1]}
            #define {names.Macro}_{which}_WIDTH {tensor.Shape[2]}
            #define {names.Macro}_{which}_CHANNELS {tensor.Shape[3]}
            """ : "");
    }

    private static string Float(float value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('.') || text.Contains('E') ? $"{text}f" : $"{text}.0f";
    }

    // Code is the same for every training of a network, whatever that was called.
    private static string Title(CModel names, CWeights? weights) => weights is null ? Comment(names.Model.Name) : "A network with its tables in a slot";

    // A name may hold anything; what would end a comment must not.
    internal static string Comment(string name) => new([.. name.Select(c => c is '/' or '*' or '\\' || char.IsControl(c) ? '_' : c)]);

    private static string Literal(string label)
    {
        StringBuilder text = new("\"");
        foreach (byte b in Encoding.UTF8.GetBytes(label))
        {
            // Octal takes three digits at most, so the next letter is never part of it.
            text.Append(b is >= 32 and < 127 and not ((byte)'"' or (byte)'\\' or (byte)'?') ? $"{(char)b}" : $"\\{Convert.ToString(b, 8).PadLeft(3, '0')}");
        }

        return text.Append('"').ToString();
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,30}$")]
    private static partial Regex Prefixes();

    private static string Resource(string name)
    {
        using Stream stream = typeof(CExport).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
