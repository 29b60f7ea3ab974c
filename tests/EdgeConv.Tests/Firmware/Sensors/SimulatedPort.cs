using EdgeConv.Nano;
using EdgeConv.Nano.Devices;

namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>A serial port that has received some bytes, and gives them in pieces of any length.</summary>
internal sealed class SimulatedPort(int seed) : IByteSource
{
    private readonly Random _random = new(seed);
    private readonly Queue<byte> _bytes = [];

    /// <summary>Bytes arrive.</summary>
    public void Send(params IEnumerable<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            _bytes.Enqueue(value);
        }
    }

    /// <summary>The bytes of a frame, as its sender writes them.</summary>
    public static byte[] Frame(PixelFormat format, int width, int height, byte[] pixels, YuvRule rule = YuvRule.Bt601)
    {
        byte[] head = [0xEC, 0x4E, (byte)format, (byte)rule, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8)];
        uint check = Runtime.Format.Crc32C.Compute(head);
        byte[] frame = [.. head, (byte)check, (byte)(check >> 8), .. pixels];
        return [.. frame, .. BitConverter.GetBytes(Runtime.Format.Crc32C.Compute(frame))];
    }

    public int Read(byte[] buffer, int offset, int count)
    {
        int read = Math.Min(Math.Min(count, _bytes.Count), _random.Next(1, 40));
        for (int i = 0; i < read; i++)
        {
            buffer[offset + i] = _bytes.Dequeue();
        }

        return read;
    }
}
