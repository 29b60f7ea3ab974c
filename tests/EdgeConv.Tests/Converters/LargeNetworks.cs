using System.Runtime.InteropServices;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;
using static EdgeConv.Converters.Onnx.Proto.AttributeProto.Types;
using static EdgeConv.Converters.Onnx.Proto.TensorProto.Types;

namespace EdgeConv.Tests.Converters;

/// <summary>ONNX files of hundreds of megabytes, with weights from a seed: what costs memory and time in a conversion.</summary>
internal static class LargeNetworks
{
    private static readonly int[][] _stages = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];

    /// <summary>VGG-16 whole: 138,357,544 parameters, 553 MB, 15.47 GMAC.</summary>
    public static void Vgg16(string path)
    {
        var builder = new Builder(224);
        int channels = 3;
        foreach (int[] stage in _stages)
        {
            foreach (int outputs in stage)
            {
                builder.Conv(channels, outputs, 3, 1, 1);
                channels = outputs;
            }

            builder.Pool();
        }

        builder.Dense(channels * 49, 4096, true).Dense(4096, 4096, true).Dense(4096, 1000, false).Write(path);
    }

    /// <summary>The head of VGG-16, where its weights are, on a stem that is quick.</summary>
    /// <param name="path">Where the file goes.</param>
    /// <param name="width">Of the hidden layers: 4,096 gives 494 MB, 1,024 gives 111 MB.</param>
    public static void VggHead(string path, int width) => new Builder(112)
        .Conv(3, 16, 3, 2, 1).Conv(16, 64, 3, 2, 1).Pool().Conv(64, 512, 3, 2, 1)
        .Dense(512 * 49, width, true).Dense(width, width, true).Dense(width, 1000, false).Write(path);

    private sealed class Builder
    {
        private readonly GraphProto _graph = new() { Name = "large" };
        private ulong _state = 1;
        private string _last = "x";
        private bool _isFlat;

        public Builder(int side)
        {
            _graph.Input.Add(new ValueInfoProto
            {
                Name = "x",
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = Shape(1, 3, side, side) } },
            });
        }

        public Builder Conv(int inputs, int outputs, int kernel, int stride, int pad)
        {
            string weights = Weights(inputs * kernel * kernel, outputs, inputs, kernel, kernel), bias = Weights(100, outputs);
            Node("Conv", [_last, weights, bias], Ints("strides", stride, stride), Ints("pads", pad, pad, pad, pad));
            return Node("Relu", [_last]);
        }

        public Builder Pool() => Node("MaxPool", [_last], Ints("kernel_shape", 2, 2), Ints("strides", 2, 2));

        public Builder Dense(int inputs, int outputs, bool relu)
        {
            if (!_isFlat)
            {
                Node("Flatten", [_last]);
                _isFlat = true;
            }

            string weights = Weights(inputs, outputs, inputs), bias = Weights(100, outputs);
            Node("Gemm", [_last, weights, bias], new AttributeProto { Name = "transB", I = 1, Type = AttributeType.Int });
            return relu ? Node("Relu", [_last]) : this;
        }

        public void Write(string path)
        {
            _graph.Output.Add(new ValueInfoProto { Name = _last });
            var model = new ModelProto { IrVersion = 8, Graph = _graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };
            using FileStream stream = File.Create(path);
            model.WriteTo(stream);
        }

        private Builder Node(string type, string[] inputs, params AttributeProto[] attributes)
        {
            string output = $"y{_graph.Node.Count}";
            _graph.Node.Add(new NodeProto
            {
                OpType = type,
                Name = $"{type.ToLowerInvariant()}{_graph.Node.Count}",
                Input = { inputs },
                Output = { output },
                Attribute = { attributes },
            });
            _last = output;
            return this;
        }

        // Evenly from -a to a with the variance that keeps activations at their size.
        private string Weights(int fanIn, params int[] shape)
        {
            float reach = (float)Math.Sqrt(6.0 / fanIn);
            var values = new float[shape.Aggregate(1, (n, d) => n * d)];
            for (int i = 0; i < values.Length; i++)
            {
                _state = (_state * 6364136223846793005) + 1442695040888963407;
                values[i] = reach * ((int)(_state >> 32) / (float)int.MaxValue);
            }

            var bytes = new byte[values.Length * sizeof(float)];
            MemoryMarshal.AsBytes<float>(values).CopyTo(bytes);
            string name = $"w{_graph.Initializer.Count}";
            var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float, RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
            tensor.Dims.AddRange(shape.Select(d => (long)d));
            _graph.Initializer.Add(tensor);
            return name;
        }

        private static AttributeProto Ints(string name, params long[] values) => new() { Name = name, Ints = { values }, Type = AttributeType.Ints };

        private static TensorShapeProto Shape(params int[] dims) =>
            new() { Dim = { dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }) } };
    }
}
