using System.Buffers.Binary;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Emulation;

/// <summary>What one input gave: a hash and the ticks of each layer, as main.c writes them behind the output.</summary>
internal sealed record McuRun(uint[] Hashes, uint[] Ticks)
{
    public static McuRun[] Read(byte[] bytes, Model model)
    {
        int layers = model.Operators.Count, output = model.Output.ByteLength, length = output + layers * 2 * sizeof(uint);
        return [.. Enumerable.Range(0, bytes.Length / length).Select(i => new McuRun(
            [.. Enumerable.Range(0, layers).Select(k => Word(i * length + output + 8 * k))],
            [.. Enumerable.Range(0, layers).Select(k => Word(i * length + output + 8 * k + 4))]))];

        uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
    }
}
