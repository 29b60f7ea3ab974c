using System;
using System.Device.Spi;

namespace EdgeConv.Nano.Devices
{
    /// <summary>A device on a bus of nanoFramework's System.Device.Spi.</summary>
    public sealed class SpiBus : ISpiBus
    {
        private readonly SpiDevice _device;

        /// <summary>On a device that is open.</summary>
        public SpiBus(SpiDevice device)
        {
            _device = device;
        }

        /// <inheritdoc/>
        public bool TryTransfer(byte[] write, byte[] read, int count)
        {
            try
            {
                _device.TransferFullDuplex(new SpanByte(write, 0, count), new SpanByte(read, 0, count));
                return true;
            }
            catch (Exception)
            {
                return false;
            }
        }
    }
}
