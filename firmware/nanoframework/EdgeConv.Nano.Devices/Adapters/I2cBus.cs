using System.Device.I2c;

namespace EdgeConv.Nano.Devices
{
    /// <summary>A device on a bus of nanoFramework's System.Device.I2c.</summary>
    public sealed class I2cBus : II2cBus
    {
        private readonly I2cDevice _device;

        /// <summary>On a device that is open.</summary>
        public I2cBus(I2cDevice device)
        {
            _device = device;
        }

        /// <inheritdoc/>
        public bool TryTransfer(byte[] write, byte[] read)
        {
            // it does not throw when the device is silent, as .NET's does, but says so
            I2cTransferResult result = read == null ? _device.Write(write) : _device.WriteRead(write, read);
            return result.Status == I2cTransferStatus.FullTransfer;
        }
    }
}
