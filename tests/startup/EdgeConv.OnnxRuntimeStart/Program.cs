using System.Diagnostics;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

// MODEL.onnx [PICTURE.pgm]: runs it once on bytes that count up, or on a square picture of 8 bits a pixel at the end of the file, which a float
// model of one channel takes; prints the class, and for the stopwatch when it began, was ready and had its answer.
long begun = Stopwatch.GetTimestamp();
using SessionOptions options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
using InferenceSession session = new(args[0], options);
long ready = Stopwatch.GetTimestamp();
(string name, NodeMetadata input) = session.InputMetadata.First();
long[] shape = [.. input.Dimensions.Select(d => Math.Max(d, 1L))];
byte[] bytes = args.Length > 1 ? File.ReadAllBytes(args[1]) : [];
int length = (int)shape.Aggregate(1L, (n, d) => n * d), picture = args.Length > 1 ? bytes.Length - length : 0;
using RunOptions run = new();
switch (input.ElementDataType)
{
    case TensorElementType.Float:
        Classify(Elements(b => b / 255f));
        break;
    case TensorElementType.UInt8:
        Classify(Elements(b => b));
        break;
    default:
        Classify(Elements(b => (sbyte)b));
        break;
}

T[] Elements<T>(Func<byte, T> of)
{
    var values = new T[length];
    for (int i = 0; i < values.Length; i++)
    {
        values[i] = of(bytes.Length > 0 ? bytes[picture + i] : (byte)i);
    }

    return values;
}

void Classify<T>(T[] values)
    where T : unmanaged, INumber<T>
{
    using OrtValue tensor = OrtValue.CreateTensorValueFromMemory(values, shape);
    using IDisposableReadOnlyCollection<OrtValue> answer = session.Run(run, [name], [tensor], session.OutputNames);
    long answered = Stopwatch.GetTimestamp();
    ReadOnlySpan<T> scores = answer[0].GetTensorDataAsSpan<T>();
    int best = 0;
    for (int i = 1; i < scores.Length; i++)
    {
        best = scores[i] > scores[best] ? i : best;
    }

    Console.WriteLine($"class {best} by ONNX Runtime");
    Console.WriteLine($"@ {begun} {ready} {answered}");
}
