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
    sbyte[] input = new sbyte[model.Input.Length], output = new sbyte[model.Output.Length];
    new Random(1).NextBytes(MemoryMarshal.AsBytes(input.AsSpan()));
    for (int i = 0; i < runs; i++)
    {
        net.Invoke(input, output);
    }

    Console.WriteLine($"{net.Path.Name} {Crc32C.Compute(MemoryMarshal.AsBytes(output.AsSpan()), 0):x8}");
    return 0;
}
catch (Exception e) when (e is IOException or ModelFormatException or KernelPathException)
{
    Console.Error.WriteLine($"bench-edgeconv: {e.Message}");
    return 1;
}
