namespace EdgeConv.Nano.Devices
{
    /// <summary>One device on an I2C bus.</summary>
    public interface II2cBus
    {
        /// <summary>Writes bytes, then reads as many as there is room for. False when the device did not answer, or not with all of them.</summary>
        /// <param name="write">At least one byte.</param>
        /// <param name="read">Room; null to write only.</param>
        bool TryTransfer(byte[] write, byte[] read);
    }

    /// <summary>One device on an SPI bus, mode 0.</summary>
    public interface ISpiBus
    {
        /// <summary>Sends bytes and receives as many, with chip select held for all of them. False when the bus failed.</summary>
        /// <param name="write">Holds at least that many.</param>
        /// <param name="read">Has room for them.</param>
        /// <param name="count">How many.</param>
        bool TryTransfer(byte[] write, byte[] read, int count);
    }

    /// <summary>Bytes in their order: a serial port, a camera's memory.</summary>
    public interface IByteSource
    {
        /// <summary>Reads some bytes, at least one. 0 when none came in time, or there are no more.</summary>
        /// <param name="buffer">Room for them.</param>
        /// <param name="offset">Where the first goes.</param>
        /// <param name="count">At most so many.</param>
        int Read(byte[] buffer, int offset, int count);
    }
}
