using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Fuzz.Mutations;
using EdgeConv.Fuzz.Seeds;
using DataType = EdgeConv.Converters.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeConv.Fuzz.Loaders;

/// <summary>ONNX files, float and quantized.</summary>
internal sealed class OnnxLoader : Loader
{
    public override string Name => "onnx";

    public override IReadOnlyList<(string Assembly, string[] Types)> Instrumented =>
        [("EdgeConv.Converters.dll", ["EdgeConv.Converters.Onnx."])];

    // A node of a hundred bytes is ten objects for the protobuf library, and as many again while it is taken over.
    public override int SpareBytes => 1024 * 1024;

    // An int8 weight of one byte is a float as well in our graph, and on the way an int in two orders, or split over copies of the input.
    private const int BytesAnInt8 = 24;

    public override long Limit(byte[] file)
    {
        try
        {
            IEnumerable<TensorProto> tensors = OnnxFile.Read(file, "fuzzed.onnx").Graph?.Initializer ?? [];
            return base.Limit(file) + (BytesAnInt8 * tensors.Sum(t => (DataType)t.DataType is DataType.Int8 or DataType.Uint8
                ? (long)t.RawData.Length + t.Int32Data.Count
                : 0));
        }
        catch (OnnxImportException)
        {
            return base.Limit(file);
        }
    }

    public override long NativeBytes(int fileLength) => 0;

    public override IDisposable? Load(byte[] file)
    {
        OnnxReader.Read(file, "fuzzed.onnx");
        return null;
    }

    public override bool IsDocumented(Exception exception) => exception is OnnxImportException;

    public override IEnumerable<byte[]> Seeds() => OnnxSeeds.All();

    public override byte[] Mutate(byte[] file, byte[] other, Random random) => new ProtobufMutator(random).Mutate(file, other);
}
