using EdgeConv.Nano.Devices;

namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>A device on a simulated I2C bus that keeps registers: a transfer writes its first byte as the address, and reads on from there.</summary>
internal class RegisterDevice : II2cBus
{
    /// <summary>What the registers hold.</summary>
    public byte[] Registers { get; } = new byte[256];

    /// <summary>Each register that was written, with its value.</summary>
    public List<(int Register, int Value)> Writes { get; } = [];

    /// <summary>How many transfers go through before the bus is dead.</summary>
    public int TransfersLeft { get; set; } = int.MaxValue;

    public bool TryTransfer(byte[] write, byte[]? read)
    {
        if (TransfersLeft-- <= 0)
        {
            return false;
        }

        for (int i = 1; i < write.Length; i++)
        {
            Writes.Add((write[0] + i - 1, write[i]));
            Write(write[0] + i - 1, write[i]);
        }

        for (int i = 0; i < (read?.Length ?? 0); i++)
        {
            read![i] = Read(write[0] + i);
        }

        return true;
    }

    protected virtual void Write(int register, byte value) => Registers[register] = value;

    protected virtual byte Read(int register) => Registers[register];
}
