using System.Runtime.InteropServices;
using EdgeConv.Benchmarks;
using Microsoft.ML.OnnxRuntime;

// MODEL.onnx s8|u8 RUNS [OPTIMIZED.onnx]: runs on bytes from a seed, then prints the version and a checksum of the answer.
// OPTIMIZED.onnx shows which nodes are left of the file.
if (args.Length is < 3 or > 4 || args[1] is not ("s8" or "u8") || !int.TryParse(args[2], out int runs) || runs < 1)
{
    Console.Error.WriteLine("usage: bench-onnxruntime MODEL.onnx s8|u8 RUNS [OPTIMIZED.onnx]");
    return 2;
}

try
{
    uint sum = args[1] == "s8" ? Run<sbyte>() : Run<byte>();
    Console.WriteLine($"{OrtEnv.Instance().GetVersionString()} {sum:x8}");
    return 0;
}
catch (OnnxRuntimeException e)
{
    Console.Error.WriteLine($"bench-onnxruntime: {e.Message}");
    return 1;
}

uint Run<T>()
    where T : unmanaged
{
    using var session = new BoundSession<T>(args[0], args.ElementAtOrDefault(3));
    new Random(1).NextBytes(MemoryMarshal.AsBytes(session.Input.AsSpan()));
    for (int i = 0; i < runs; i++)
    {
        session.Run();
    }

    uint hash = 2166136261;
    foreach (byte b in MemoryMarshal.AsBytes(session.Output.AsSpan()))
    {
        hash = (hash ^ b) * 16777619;
    }

    return hash;
}
