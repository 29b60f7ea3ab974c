using System;
using System.IO.Ports;

namespace EdgeConv.Nano.Devices
{
    /// <summary>What a port of nanoFramework's System.IO.Ports receives. Its ReadTimeout is the patience of a read.</summary>
    public sealed class SerialBytes : IByteSource
    {
        private readonly SerialPort _port;

        /// <summary>On a port that is open.</summary>
        public SerialBytes(SerialPort port)
        {
            _port = port;
        }

        /// <inheritdoc/>
        public int Read(byte[] buffer, int offset, int count)
        {
            // a read waits for all that it asks for, so that it asks for no more than there is
            int there = _port.BytesToRead;
            try
            {
                return _port.Read(buffer, offset, there < 1 ? 1 : there < count ? there : count);
            }
            catch (TimeoutException)
            {
                return 0;
            }
        }
    }
}
