using Microsoft.ML.OnnxRuntime;

// MODEL.onnx PICTURE.pgm: a square picture of 8 bits a pixel at the end of the file, into a float model of one channel.
using SessionOptions options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
using InferenceSession session = new(args[0], options);
(string inputName, NodeMetadata input) = session.InputMetadata.First();
int pixels = input.Dimensions[^1] * input.Dimensions[^2];
byte[] picture = File.ReadAllBytes(args[1]);
float[] values = new float[pixels];
for (int i = 0; i < pixels; i++)
{
    values[i] = picture[picture.Length - pixels + i] / 255f;
}

long[] shape = [1, 1, input.Dimensions[^2], input.Dimensions[^1]];
using OrtValue tensor = OrtValue.CreateTensorValueFromMemory(values, shape);
using RunOptions run = new();
using IDisposableReadOnlyCollection<OrtValue> answer = session.Run(run, [inputName], [tensor], session.OutputNames);
ReadOnlySpan<float> scores = answer[0].GetTensorDataAsSpan<float>();
int best = 0;
for (int i = 1; i < scores.Length; i++)
{
    best = scores[i] > scores[best] ? i : best;
}

Console.WriteLine($"class {best}");
