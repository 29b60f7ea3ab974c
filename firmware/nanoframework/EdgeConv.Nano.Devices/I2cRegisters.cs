namespace EdgeConv.Nano.Devices
{
    /// <summary>A chip's registers of a byte each, behind one that is written first and chooses.</summary>
    internal sealed class I2cRegisters
    {
        private readonly II2cBus _bus;
        private readonly string _silence;
        private readonly byte[] _address = new byte[1];
        private readonly byte[] _command = new byte[2];
        private readonly byte[] _byte = new byte[1];

        /// <param name="bus">The chip on its bus.</param>
        /// <param name="silence">What is said when it does not answer.</param>
        public I2cRegisters(II2cBus bus, string silence)
        {
            _bus = bus;
            _silence = silence;
        }

        /// <summary>Reads as many bytes as there is room for, from a register on. False when the chip did not answer.</summary>
        public bool TryRead(byte first, byte[] values)
        {
            _address[0] = first;
            return _bus.TryTransfer(_address, values);
        }

        /// <summary>One register.</summary>
        /// <exception cref="DeviceException">The chip does not answer.</exception>
        public int Read(byte register)
        {
            if (!TryRead(register, _byte))
            {
                throw new DeviceException(_silence);
            }

            return _byte[0];
        }

        /// <summary>Sets one register.</summary>
        /// <exception cref="DeviceException">The chip does not answer.</exception>
        public void Write(byte register, byte value)
        {
            _command[0] = register;
            _command[1] = value;
            if (!_bus.TryTransfer(_command, null))
            {
                throw new DeviceException(_silence);
            }
        }
    }
}
