using System;

namespace EdgeConv.Nano.Devices
{
    /// <summary>A device that does not answer, or is another one than expected: wiring, address, or power.</summary>
    public sealed class DeviceException : Exception
    {
        /// <summary>With what was found, what was expected and what to do.</summary>
        public DeviceException(string message)
            : base(message)
        {
        }
    }
}
