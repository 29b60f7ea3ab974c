using System.Runtime.InteropServices;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.TfLite.Models;

namespace EdgeConv.Tests.TfLite;

/// <summary>What becomes of a network's ends, of what only computes shapes, and of what is not supported.</summary>
public sealed class ImportTests
{
    [Fact]
    public void A_float_input_and_output_give_way_to_the_integers_between()
    {
        var w = new NetworkWriter(1);
        int input = Float(w, "image"), output = Float(w, "answer");
        Activation x = w.Activation("x", [1, 6], 0.25f, 3), y = w.Activation("y", [1, 6], 0.5f, -7);
        w.Builder.Operator("QUANTIZE", [input], [x.Tensor]);
        w.Operator("RELU", [x.Tensor], y);
        w.Builder.Operator("DEQUANTIZE", [y.Tensor], [output]);

        QuantizedGraph graph = TfLiteReader.Read(w.Builder.Build([input], [output]));
        Assert.Equal(new ActivationQuantization(0.25f, 3), graph.Input.Quantization);
        Assert.IsType<QuantizedTable>(Assert.Single(graph.Nodes).Operation);
        Assert.Equal(new ActivationQuantization(0.5f, -7), graph.Nodes[0].Output.Quantization);
    }

    [Fact]
    public void Unsigned_bytes_at_the_ends_are_the_same_steps_128_apart()
    {
        var w = new NetworkWriter(2);
        int input = Unsigned(w, "image", 0.25f, 131), output = Unsigned(w, "answer", 0.5f, 121);
        Activation x = w.Activation("x", [1, 6], 0.25f, 3), y = w.Activation("y", [1, 6], 0.5f, -7);
        w.Builder.Operator("QUANTIZE", [input], [x.Tensor]);
        w.Operator("RELU", [x.Tensor], y);
        w.Builder.Operator("QUANTIZE", [y.Tensor], [output]);

        QuantizedGraph graph = TfLiteReader.Read(w.Builder.Build([input], [output]));
        Assert.Equal(new ActivationQuantization(0.25f, 3), graph.Input.Quantization);
        Assert.Single(graph.Nodes);
    }

    [Fact]
    public void What_only_computes_a_shape_is_not_in_the_network()
    {
        var w = new NetworkWriter(3);
        Activation x = w.Activation("x", [1, 2, 3, 4], 0.1f, 0), y = w.Like("y", x, [1, 24]);
        int shape = w.Builder.Tensor(new TensorSpec("shape", TensorType.Int32, [4]));
        int first = w.Builder.Tensor(new TensorSpec("first", TensorType.Int32, []));
        int packed = w.Builder.Tensor(new TensorSpec("packed", TensorType.Int32, [2]));
        int zero = w.Builder.Integers("zero", 0), one = w.Builder.Integers("one", 1), rest = w.Builder.Integers("rest", -1);
        w.Builder.Operator("SHAPE", [x.Tensor], [shape]);
        w.Builder.Operator("STRIDED_SLICE", [shape, zero, one, one], [first]);
        w.Builder.Operator("PACK", [first, rest], [packed]);
        w.Operator("RESHAPE", [x.Tensor, packed], y);

        QuantizedGraph graph = TfLiteReader.Read(w.Builder.Build([x.Tensor], [y.Tensor]));
        Assert.IsType<QuantizedReshape>(Assert.Single(graph.Nodes).Operation);
    }

    [Fact]
    public void Every_unsupported_operator_is_listed_with_its_place_and_reason()
    {
        var w = new NetworkWriter(4);
        Activation x = w.Activation("x", [1, 4, 4, 2], 0.1f, 0);
        Activation a = w.Operator("L2_NORMALIZATION", [x.Tensor], w.Activation("normal", [1, 4, 4, 2], 1f / 128, 0));
        Activation b = w.Operator("SOFTMAX", [a.Tensor], w.Activation("soft", [1, 4, 4, 2], 1f / 256, -128));
        Activation c = w.Operator("FLOOR", [b.Tensor], w.Like("floor", b, b.Shape));

        TfLiteImportException e = Assert.Throws<TfLiteImportException>(() => TfLiteReader.Read(w.Builder.Build([x.Tensor], [c.Tensor]), "n.tflite"));
        Assert.Equal(["L2_NORMALIZATION", "FLOOR"], e.UnsupportedOperators.Select(o => o.Operator));
        Assert.Equal([0, 2], e.UnsupportedOperators.Select(o => o.Index));
        Assert.Contains("n.tflite: 2 operators are not supported", e.Message);
        Assert.Contains(a.Tensor is var t ? w.Builder.Tensors[t].Name : "", e.Message);
    }

    [Fact]
    public void An_attribute_at_fault_is_named()
    {
        var w = new NetworkWriter(5);
        Activation x = w.Activation("x", [1, 4, 4, 2], 0.1f, 0);
        Activation y = w.Operator("MAX_POOL_2D", [x.Tensor], w.Activation("y", [1, 2, 2, 2], 0.2f, 0), new OperatorOptions(OperatorOptions.Pool,
            (PoolOptions.StrideW, 2), (PoolOptions.StrideH, 2), (PoolOptions.FilterW, 2), (PoolOptions.FilterH, 2)));
        TfLiteImportException e = Assert.Throws<TfLiteImportException>(() => TfLiteReader.Read(w.Builder.Build([x.Tensor], [y.Tensor])));
        Assert.Contains("scale 0.2", e.Message);
    }

    [Fact]
    public void Networks_in_float_or_with_dynamic_ranges_are_told_what_to_do()
    {
        foreach (bool hybrid in (bool[])[false, true])
        {
            var w = new NetworkWriter(6);
            int input = Float(w, "x"), output = Float(w, "y");
            int weights = hybrid ? w.Constant("w", [6, 6], w.Bytes(36), [0.1f])
                : w.Builder.Tensor(new TensorSpec("w", TensorType.Float32, [6, 6]) { Data = new byte[144] });
            w.Builder.Operator("FULLY_CONNECTED", [input, weights, -1], [output], new OperatorOptions(OperatorOptions.Dense));
            TfLiteImportException e = Assert.Throws<TfLiteImportException>(() => TfLiteReader.Read(w.Builder.Build([input], [output])));
            Assert.Contains(hybrid ? "dynamic-range" : "float network", e.Message);
            Assert.Contains("full-integer", e.Message);
        }
    }

    [Fact]
    public void Several_inputs_outputs_or_subgraphs_and_batches_are_refused()
    {
        var w = new NetworkWriter(7);
        Activation a = w.Activation("a", [1, 6], 0.1f, 0), b = w.Activation("b", [1, 6], 0.1f, 0), two = w.Activation("two", [2, 6], 0.1f, 0);
        Activation y = w.Operator("ADD", [a.Tensor, b.Tensor], w.Activation("y", [1, 6], 0.2f, 0), new OperatorOptions(OperatorOptions.Add));
        Activation z = w.Operator("RELU", [two.Tensor], w.Activation("z", [2, 6], 0.2f, 0));
        Refused(w.Builder, [a.Tensor, b.Tensor], [y.Tensor], "2 inputs");
        Refused(w.Builder, [a.Tensor, b.Tensor], [y.Tensor, z.Tensor], "2 outputs");
        Refused(w.Builder, [two.Tensor], [z.Tensor], "batch");
        Refused(new TfLiteBuilder { Subgraphs = 2 }, [], [], "2 subgraphs");

        static void Refused(TfLiteBuilder builder, int[] inputs, int[] outputs, string words) =>
            Assert.Contains(words, Assert.Throws<TfLiteImportException>(() => TfLiteReader.Read(builder.Build(inputs, outputs))).Message);
    }

    [Fact]
    public void Weights_of_a_fully_connected_layer_may_have_a_zero_point()
    {
        var w = new NetworkWriter(8);
        Activation x = w.Activation("x", [1, 3], 0.5f, 1), y = w.Activation("y", [1, 2], 0.25f, -5);
        int weights = w.Constant("w", [2, 3], [10, -20, 30, 4, 5, 6], [0.5f], zeroPoint: 4);
        w.Operator("FULLY_CONNECTED", [x.Tensor, weights, -1], y, new OperatorOptions(OperatorOptions.Dense));
        byte[] output = Run(w.Builder.Build([x.Tensor], [y.Tensor]), [1, 2, 3], w.Builder.Tensors[y.Tensor].Name);

        // (0 * 6 + 1 * -24 + 2 * 26) - 5 and (0 * 0 + 1 * 1 + 2 * 2) - 5: the scales cancel.
        Assert.Equal([23, 0], MemoryMarshal.Cast<byte, sbyte>(output).ToArray());
    }

    [Theory]
    [InlineData("SQUEEZE")]
    [InlineData("EXPAND_DIMS")]
    public void Dimensions_of_one_come_and_go(string kind)
    {
        var w = new NetworkWriter(9);
        Activation x = w.Activation("x", [1, 1, 6], 0.5f, 1), y = w.Like("y", x, kind == "SQUEEZE" ? [1, 6] : [1, 1, 6, 1]);
        int axis = w.Builder.Integers("axis", 1);
        w.Operator(kind, kind == "SQUEEZE" ? [x.Tensor] : [x.Tensor, axis], y);
        Assert.Equal([1, 2, 3, 4, 5, 6], Run(w.Builder.Build([x.Tensor], [y.Tensor]), [1, 2, 3, 4, 5, 6], w.Builder.Tensors[y.Tensor].Name));
    }

    [Fact]
    public void The_largest_of_an_image_is_one_window()
    {
        var w = new NetworkWriter(10);
        Activation x = w.Activation("x", [1, 2, 2, 2], 0.5f, 1), y = w.Like("y", x, [1, 2]);
        int axes = w.Builder.Integers("axes", 1, 2);
        w.Operator("REDUCE_MAX", [x.Tensor, axes], y, new OperatorOptions(OperatorOptions.Reducer));
        Assert.Equal([7, 8], Run(w.Builder.Build([x.Tensor], [y.Tensor]), [1, 8, 3, 4, 5, 6, 7, 2], w.Builder.Tensors[y.Tensor].Name));
    }

    [Theory]
    [InlineData("SPLIT_V")]
    [InlineData("UNPACK")]
    public void Parts_of_a_value_become_slices(string kind)
    {
        var w = new NetworkWriter(12);
        Activation x = w.Activation("x", [1, 2, 3], 0.5f, 1);
        int[] shape = kind == "UNPACK" ? [1, 3] : [1, 1, 3];
        Activation first = w.Like("first", x, shape), second = w.Like("second", x, shape);
        int[] inputs = kind == "UNPACK" ? [x.Tensor] : [x.Tensor, w.Builder.Integers("sizes", 1, -1), w.Builder.Integers("axis", 1)];
        w.Builder.Operator(kind, inputs, [first.Tensor, second.Tensor], kind == "UNPACK" ? new OperatorOptions(64, (0, 2), (1, 1)) : null);
        Assert.Equal([4, 5, 6], Run(w.Builder.Build([x.Tensor], [second.Tensor]), [1, 2, 3, 4, 5, 6], w.Builder.Tensors[second.Tensor].Name));
    }

    [Theory]
    [InlineData("EXP", 0.02f, 0.01f, -128)]
    [InlineData("LOG", 0.02f, 0.05f, 20)]
    [InlineData("GELU", 0.05f, 0.04f, -100)]
    [InlineData("RELU_N1_TO_1", 0.02f, 0.01f, 3)]
    [InlineData("RELU_0_TO_1", 0.02f, 0.01f, -128)]
    public void A_table_holds_the_nearest_step_of_the_function(string kind, float inputScale, float outputScale, int zeroPoint)
    {
        var w = new NetworkWriter(11);
        Activation x = w.Activation("x", [1, 256], inputScale, -10), y = w.Activation("y", [1, 256], outputScale, zeroPoint);
        w.Operator(kind, [x.Tensor], y);
        byte[] input = [.. Enumerable.Range(-128, 256).Select(q => (byte)q)];
        byte[] output = Run(w.Builder.Build([x.Tensor], [y.Tensor]), input, w.Builder.Tensors[y.Tensor].Name);
        for (int q = -128; q < 128; q++)
        {
            double real = inputScale * (double)(q + 10);
            double expected = kind switch
            {
                "EXP" => Math.Exp(real),
                "LOG" => real > 0 ? Math.Log(real) : -1000,
                "GELU" => EdgeConv.Converters.Graphs.Activations.Compute(EdgeConv.Converters.Graphs.Activation.Gelu, real),
                "RELU_N1_TO_1" => Math.Clamp(real, -1, 1),
                _ => Math.Clamp(real, 0, 1),
            };
            double steps = Math.Clamp((expected / outputScale) + zeroPoint, -128, 127);
            Assert.True(Math.Abs((sbyte)output[q + 128] - steps) <= 0.51, $"{kind}({real}) is {(sbyte)output[q + 128]}, expected {steps}");
        }
    }

    private static byte[] Run(byte[] file, byte[] input, string layer)
    {
        using Model model = Model.Load(Lowering.Lower(TfLiteReader.Read(file), new LoweringOptions()));
        return LayerRun.Of(model, input, KernelPath.Default)[layer];
    }

    private static int Float(NetworkWriter w, string name) => w.Builder.Tensor(new TensorSpec(name, TensorType.Float32, [1, 6]));

    private static int Unsigned(NetworkWriter w, string name, float scale, int zeroPoint) =>
        w.Builder.Tensor(new TensorSpec(name, TensorType.UInt8, [1, 6]) { Scales = [scale], ZeroPoints = [zeroPoint] });
}
