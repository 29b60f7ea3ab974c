using System.Buffers.Binary;
using EdgeConv.Nano;
using EdgeConv.Runtime;
using NanoRecord = EdgeConv.Nano.PreprocessingRecord;

namespace EdgeConv.Tests.Firmware;

/// <summary>The microcontroller's loop over frames with the runtime's interpreter for a model, and the record as the model's file has it.</summary>
internal sealed class ModelOnRuntime(IFrameSource source, byte[] file, int margin, int frames)
    : FrameClassifier(source, Record(file), OutputLength(file), new ClassDecider(margin, frames))
{
    private const int PreprocessingSectionAt = 80;

    private readonly Interpreter _interpreter = new(Model.Load(file));

    protected override void Run(sbyte[] input, sbyte[] output) => _interpreter.Invoke(input, output);

    private static NanoRecord Record(byte[] file) => NanoRecord.Read(file, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(PreprocessingSectionAt)));

    private static int OutputLength(byte[] file)
    {
        using Model model = Model.Load(file);
        return model.Output.Length;
    }
}
