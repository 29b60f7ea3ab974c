using EdgeConv.Converters.TfLite;
using EdgeConv.Fuzz.Mutations;
using EdgeConv.Fuzz.Seeds;

namespace EdgeConv.Fuzz.Loaders;

/// <summary>TensorFlow Lite files, int8 and int16.</summary>
internal sealed class TfLiteLoader : Loader
{
    public override string Name => "tflite";

    public override IReadOnlyList<(string Assembly, string[] Types)> Instrumented =>
        [("EdgeConv.Converters.dll", ["EdgeConv.Converters.TfLite."])];

    public override int SpareBytes => 1024 * 1024;

    public override long NativeBytes(int fileLength) => 0;

    public override IDisposable? Load(byte[] file)
    {
        TfLiteReader.Read(file, "fuzzed.tflite");
        return null;
    }

    public override bool IsDocumented(Exception exception) => exception is TfLiteImportException;

    public override IEnumerable<byte[]> Seeds() => TfLiteSeeds.All();

    public override byte[] Mutate(byte[] file, byte[] other, Random random) => new FlatBufferMutator(random).Mutate(file, other);
}
