using EdgeConv.Nano.Devices;

namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>The controller of an ArduCAM shield, at the level of its SPI transfers; a capture takes the next of its frames.</summary>
internal sealed class SimulatedArduCam : ISpiBus
{
    private readonly Queue<byte[]> _frames = [];
    private readonly byte[] _registers = new byte[128];
    private byte[] _fifo = [];
    private int _at;
    private int _polls;

    /// <summary>What the test register gives back, or null for what was written.</summary>
    public int? TestRegister { get; set; }

    /// <summary>How often the status is asked for before a frame is there.</summary>
    public int PollsAFrame { get; set; } = 3;

    /// <summary>Transfers until the bus is dead.</summary>
    public int TransfersLeft { get; set; } = int.MaxValue;

    /// <summary>The longest transfer so far.</summary>
    public int LongestTransfer { get; private set; }

    /// <summary>A frame for a later capture.</summary>
    public void Add(byte[] frame) => _frames.Enqueue(frame);

    public bool TryTransfer(byte[] write, byte[] read, int count)
    {
        if (TransfersLeft-- <= 0)
        {
            return false;
        }

        LongestTransfer = Math.Max(LongestTransfer, count);
        Array.Fill(read, (byte)0xEE, 0, count);
        int register = write[0] & 0x7F;
        if ((write[0] & 0x80) != 0)
        {
            Assert.Equal(2, count);
            Write(register, write[1]);
        }
        else if (register == 0x3C)
        {
            for (int i = 1; i < count; i++)
            {
                read[i] = _at < _fifo.Length ? _fifo[_at++] : (byte)0;
            }
        }
        else
        {
            Assert.Equal(2, count);
            read[1] = Read(register);
        }

        return true;
    }

    private void Write(int register, byte value)
    {
        _registers[register] = value;
        if (register == 0x04 && (value & 1) != 0)
        {
            (_fifo, _at, _polls) = ([], 0, 0);
        }

        if (register == 0x04 && (value & 2) != 0)
        {
            _polls = PollsAFrame;
            _fifo = _frames.Count > 0 ? _frames.Dequeue() : [];
        }
    }

    private byte Read(int register) => register switch
    {
        0x00 => (byte)(TestRegister ?? _registers[0]),
        0x41 => _polls > 0 && --_polls == 0 ? (byte)0x08 : (byte)0,
        0x42 => (byte)_fifo.Length,
        0x43 => (byte)(_fifo.Length >> 8),
        0x44 => (byte)(_fifo.Length >> 16 | 0x80),   // its highest bit has no meaning
        _ => 0,
    };
}

/// <summary>An OV2640 on its control bus: two banks of registers.</summary>
internal sealed class SimulatedOv2640 : RegisterDevice
{
    private readonly byte[] _processor = new byte[256];
    private readonly byte[] _sensor = new byte[256];

    public SimulatedOv2640(byte product = 0x26) => (_sensor[0x0A], _sensor[0x0B], _sensor[0x12]) = (product, 0x42, 0x10);

    /// <summary>A register of the processor that scales.</summary>
    public int Processor(int register) => _processor[register];

    /// <summary>A register of the sensor.</summary>
    public int Sensor(int register) => _sensor[register];

    protected override void Write(int register, byte value)
    {
        byte[] bank = (Registers[0xFF] & 1) != 0 ? _sensor : _processor;
        if (register == 0xFF)
        {
            Registers[0xFF] = value;
        }
        else if (bank == _sensor && register == 0x12 && (value & 0x80) != 0)
        {
            _sensor[0x12] = 0;
            Array.Clear(_processor);
        }
        else
        {
            bank[register] = value;
        }
    }

    protected override byte Read(int register) => ((Registers[0xFF] & 1) != 0 ? _sensor : _processor)[register];
}
