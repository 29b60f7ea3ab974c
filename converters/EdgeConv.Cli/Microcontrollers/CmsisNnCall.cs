using System.Runtime.InteropServices;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Microcontrollers;

/// <summary>A layer as a call of CMSIS-NN's public functions.</summary>
/// <param name="Index">Of the layer; prefix of its names.</param>
/// <param name="InputBytes">Of all its inputs, one behind the other.</param>
/// <param name="SecondAt">Where its second input begins.</param>
/// <param name="OutputBytes">Of its output.</param>
/// <param name="Tables">Weights and so on, in C.</param>
/// <param name="Prepare">Statements that run once, when a network is set up; they are not counted.</param>
/// <param name="Call">The call. It reads first and second, writes output, uses context.</param>
internal sealed record CmsisNnCall(int Index, int InputBytes, int SecondAt, int OutputBytes, string Tables, string Prepare, string Call)
{
    /// <summary>The call for a layer; null where the library has none: other types, operators, zero points.</summary>
    public static CmsisNnCall? Of(Model model, ModelOperator op, int index) =>
        op.Inputs.Append(op.Output).All(t => model.Tensors[t] is { Type: ElementType.Int8, Storage: TensorStorage.Arena })
            ? new Builder(model, op, index).Build() : null;

    private sealed class Builder(Model model, ModelOperator op, int index)
    {
        private readonly TensorInfo _input = model.Tensors[op.Input], _output = model.Tensors[op.Output];

        public CmsisNnCall? Build() => op switch
        {
            Conv2DOp { IsPooled: false } o when IsInt8(o.Weights) => o.Groups > 1 && model.Tensors[o.Weights].Shape[3] == 1 ? Depthwise(o) : Convolution(o),
            FullyConnectedOp o when IsInt8(o.Weights) => FullyConnected(o),
            MaxPoolOp o => Pool("arm_max_pool_s8", o.Window, o.Min, o.Max, ""),
            AveragePoolOp o => Pool("arm_avgpool_s8", o.Window, o.Min, o.Max, $"allow(arm_avgpool_s8_get_buffer_size({_output.Shape[2]}, {_input.Shape[3]}));"),
            AddOp { Subtract: false } o when model.Tensors[o.Other].Length == _input.Length => Add(o),
            SoftmaxOp o => With("", "", $"(arm_softmax_s8(first, {_input.Length / _input.Shape[^1]}, {_input.Shape[^1]}, {o.Multiplier}, {o.LeftShift}, {o.DiffMin}, output), ARM_CMSIS_NN_SUCCESS)"),
            _ => null,
        };

        private CmsisNnCall Convolution(Conv2DOp o) => Matrix(
            o, model.ConstantBytes(o.Weights).ToArray(), $"cmsis_nn_conv_params params = {{ {Offsets()}, {Tiles(o.Window)}, {Tile(o.Window.DilationW, o.Window.DilationH)}, {{ {o.Min}, {o.Max} }} }}",
            $"filter = {Dims(model.Tensors[o.Weights].Shape)}", "arm_convolve_wrapper_s8");

        private CmsisNnCall Depthwise(Conv2DOp o)
        {
            IReadOnlyList<int> shape = model.Tensors[o.Weights].Shape;
            byte[] weights = model.ConstantBytes(o.Weights).ToArray();
            int places = shape[1] * shape[2];
            // the library wants the channel last
            byte[] turned = [.. Enumerable.Range(0, places * shape[0]).Select(i => weights[i % shape[0] * places + i / shape[0]])];
            return Matrix(
                o, turned, $"cmsis_nn_dw_conv_params params = {{ {Offsets()}, {shape[0] / o.Groups}, {Tiles(o.Window)}, {Tile(o.Window.DilationW, o.Window.DilationH)}, {{ {o.Min}, {o.Max} }} }}",
                $"filter = {{ 1, {shape[1]}, {shape[2]}, {shape[0]} }}", "arm_depthwise_conv_wrapper_s8");
        }

        private CmsisNnCall Matrix(Conv2DOp o, byte[] weights, string parameters, string filter, string function) => With(
            $$"""
            {{Table("int8_t", "weights", MemoryMarshal.Cast<byte, sbyte>(weights).ToArray())}}
            {{Numbers(o.Bias, o.Multipliers, o.Shifts)}}
            static const {{parameters}};
            static const cmsis_nn_per_channel_quant_params quant = { (int32_t *)multipliers, (int32_t *)shifts };
            static const cmsis_nn_dims in = {{Dims(_input.Shape)}}, {{filter}}, bias_dims = { 1, 1, 1, {{_output.Shape[^1]}} }, out = {{Dims(_output.Shape)}};
            """,
            $"allow({function}_get_buffer_size(&params, &in, &filter, &out));",
            $"{function}(&context, &params, &quant, &in, first, &filter, weights, &bias_dims, bias, &out, output)");

        private CmsisNnCall FullyConnected(FullyConnectedOp o)
        {
            TensorInfo weights = model.Tensors[o.Weights];
            int outputs = weights.Shape[0], inputs = weights.Length / outputs, rows = _input.Length / inputs;
            bool perChannel = Words(o.Multipliers).Distinct().Count() > 1 || Words(o.Shifts).Distinct().Count() > 1;
            return With(
                $$"""
                {{Table("int8_t", "weights", MemoryMarshal.Cast<byte, sbyte>(model.ConstantBytes(o.Weights)).ToArray())}}
                {{Numbers(o.Bias, o.Multipliers, o.Shifts)}}
                static const cmsis_nn_fc_params params = { {{-_input.ZeroPoint}}, {{-weights.ZeroPoint}}, {{_output.ZeroPoint}}, { {{o.Min}}, {{o.Max}} } };
                static const cmsis_nn_quant_params quant = { (int32_t *)multipliers, (int32_t *)shifts, {{(perChannel ? 1 : 0)}} };
                static const cmsis_nn_dims in = { {{rows}}, 1, 1, {{inputs}} }, filter = { {{inputs}}, 1, 1, {{outputs}} }, bias_dims = { 1, 1, 1, {{outputs}} }, out = { {{rows}}, 1, 1, {{outputs}} };
                """,
                $"allow(arm_fully_connected_s8_get_buffer_size(&filter));\n    if (context.size > 0) {{\n        (void)arm_vector_sum_s8(context.buf, {inputs}, {outputs}, weights, params.input_offset, params.filter_offset, bias);\n    }}",
                "arm_fully_connected_wrapper_s8(&context, &params, &quant, &in, first, &filter, weights, &bias_dims, bias, &out, output)");
        }

        private CmsisNnCall Pool(string function, Window window, int min, int max, string prepare) => With(
            $$"""
            static const cmsis_nn_pool_params params = { {{Tiles(window)}}, { {{min}}, {{max}} } };
            static const cmsis_nn_dims in = {{Dims(_input.Shape)}}, filter = { 1, {{window.KernelH}}, {{window.KernelW}}, 1 }, out = {{Dims(_output.Shape)}};
            """,
            prepare, $"{function}(&context, &params, &in, first, &filter, &out, output)");

        private CmsisNnCall Add(AddOp o) => With(
            "", "",
            $"arm_elementwise_add_s8(first, second, {-_input.ZeroPoint}, {Factor(o.InputFactor.Multiplier, o.InputFactor.Shift)}, {-model.Tensors[o.Other].ZeroPoint}, "
            + $"{Factor(o.OtherFactor.Multiplier, o.OtherFactor.Shift)}, {AddOp.LeftShift}, output, {_output.ZeroPoint}, {Factor(o.OutputFactor.Multiplier, o.OutputFactor.Shift)}, {o.Min}, {o.Max}, {_output.Length})");

        private CmsisNnCall With(string tables, string prepare, string call) =>
            new(index, op.Inputs.Sum(t => model.Tensors[t].ByteLength), _input.ByteLength, _output.ByteLength, tables, prepare, call);

        private bool IsInt8(int tensor) => model.Tensors[tensor].Type == ElementType.Int8;

        private string Offsets() => $"{-_input.ZeroPoint}, {_output.ZeroPoint}";

        private static string Tiles(Window w) => $"{Tile(w.StrideW, w.StrideH)}, {Tile(w.PadLeft, w.PadTop)}";

        private static string Tile(int w, int h) => $"{{ {w}, {h} }}";

        private static string Dims(IReadOnlyList<int> shape) => $"{{ {string.Join(", ", shape)} }}";

        private static string Factor(int multiplier, int shift) => $"{multiplier}, {shift}";

        private string Numbers(int bias, int multipliers, int shifts) =>
            $"{Table("int32_t", "bias", Words(bias))}\n{Table("int32_t", "multipliers", Words(multipliers))}\n{Table("int32_t", "shifts", Words(shifts))}";

        private int[] Words(int tensor) => MemoryMarshal.Cast<byte, int>(model.ConstantBytes(tensor)).ToArray();

        private static string Table<T>(string type, string name, T[] values) =>
            $"static const {type} {name}[] = {{ {string.Join(", ", values)} }};";
    }
}
