using System.Runtime.InteropServices;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

// MODEL.ecm RUNS [PATH]: runs on bytes from a seed, then prints the path and a checksum of the answer.
if (args.Length is < 2 or > 3 || !int.TryParse(args[1], out int runs) || runs < 1)
{
    Console.Error.WriteLine("usage: bench-edgeconv MODEL.ecm RUNS [PATH]");
    return 2;
}

try
{
    using Model model = Model.Open(args[0]);
    using var net = new Interpreter(model, args.Length == 3 ? KernelPath.Parse(args[2]) : null);
    byte[] input = new byte[model.Input.Length];
    new Random(1).NextBytes(input);
    Span<byte> place = MemoryMarshal.AsBytes(net.Input);
    input.CopyTo(place);
    net.Run();

    // In place, as ONNX Runtime by IoBinding; filled again only where layers took the input's place.
    bool isKept = place.SequenceEqual(input);
    for (int i = 1; i < runs; i++)
    {
        if (!isKept)
        {
            input.CopyTo(place);
        }

        net.Run();
    }

    Console.WriteLine($"{net.Path.Name} {Crc32C.Compute(MemoryMarshal.AsBytes(net.Output), 0):x8}");
    return 0;
}
catch (Exception e) when (e is IOException or ModelFormatException or KernelPathException)
{
    Console.Error.WriteLine($"bench-edgeconv: {e.Message}");
    return 1;
}
