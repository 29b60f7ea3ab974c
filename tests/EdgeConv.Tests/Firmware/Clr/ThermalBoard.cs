namespace EdgeConv.Tests.Firmware.Clr;

/// <summary>
/// The classes of nanoFramework's bus packages with an ESP32 of our own behind them, in C# for nanoFramework: an AMG8833 at I2C address 0x69 that sees somebody at
/// its upper right from frame 10 to frame 20, and lines that say what they are switched to. After frame 60 the power goes.
/// </summary>
internal static class ThermalBoard
{
    private const string I2c = """
        using System;

        namespace System.Device.I2c
        {
            public enum I2cTransferStatus { UnknownError, FullTransfer, ClockStretchTimeout, PartialTransfer, SlaveAddressNotAcknowledged }

            public struct I2cTransferResult
            {
                private readonly I2cTransferStatus _status;
                public I2cTransferResult(I2cTransferStatus status) { _status = status; }
                public I2cTransferStatus Status { get { return _status; } }
            }

            public class I2cConnectionSettings
            {
                public I2cConnectionSettings(int busId, int deviceAddress) { IsSensor = busId == 1 && deviceAddress == 0x69; }
                public readonly bool IsSensor;
            }

            public class I2cDevice
            {
                private const int FrameRate = 2, Thermistor = 0x0E, Pixels = 0x80, Cold = 20 * 4, Warm = 33 * 4;
                private readonly byte[] _registers = new byte[256];
                private readonly I2cTransferStatus _answer;
                private int _frame;

                private I2cDevice(bool isSensor)
                {
                    _answer = isSensor ? I2cTransferStatus.FullTransfer : I2cTransferStatus.SlaveAddressNotAcknowledged;
                    _registers[Thermistor + 1] = 1;
                }

                public static I2cDevice Create(I2cConnectionSettings settings) { return new I2cDevice(settings.IsSensor); }

                public I2cTransferResult Write(SpanByte buffer)
                {
                    _registers[buffer[0]] = (byte)(buffer[0] == FrameRate ? buffer[1] & 1 : buffer[1]);
                    return new I2cTransferResult(_answer);
                }

                public I2cTransferResult WriteRead(SpanByte writeBuffer, SpanByte readBuffer)
                {
                    int first = writeBuffer[0];
                    if (first == Pixels)
                    {
                        See();
                    }

                    for (int i = 0; i < readBuffer.Length; i++)
                    {
                        readBuffer[i] = _registers[first + i];
                    }

                    return new I2cTransferResult(_answer);
                }

                private void See()
                {
                    _frame++;
                    if (_frame > 60)
                    {
                        throw new Exception("no power");
                    }

                    bool isSomeone = _frame >= 10 && _frame < 20;
                    for (int i = 0; i < 64; i++)
                    {
                        _registers[Pixels + 2 * i] = (byte)(isSomeone && i / 8 < 4 && i % 8 >= 4 ? Warm : Cold);
                    }
                }
            }
        }
        """;

    private const string Gpio = """
        namespace System.Device.Gpio
        {
            public enum PinMode { Input, InputPullDown, InputPullUp, Output }

            public struct PinValue
            {
                private readonly bool _isHigh;
                private PinValue(bool isHigh) { _isHigh = isHigh; }
                public static PinValue High { get { return new PinValue(true); } }
                public static PinValue Low { get { return new PinValue(false); } }
                public override string ToString() { return _isHigh ? "high" : "low"; }
            }

            public class GpioPin
            {
                private readonly int _number;
                public GpioPin(int number) { _number = number; }
                public void Write(PinValue value) { System.Console.WriteLine("GPIO " + _number.ToString() + " " + value.ToString()); }
            }

            public class GpioController
            {
                public GpioPin OpenPin(int pinNumber, PinMode mode) { return new GpioPin(pinNumber); }
            }
        }
        """;

    private const string Esp32 = """
        namespace nanoFramework.Hardware.Esp32
        {
            public enum DeviceFunction { I2C1_DATA = 0x020000, I2C1_CLOCK = 0x020001 }

            public class Configuration
            {
                public static void SetPinFunction(int pin, DeviceFunction function) { System.Console.WriteLine("GPIO " + pin.ToString() + (function == DeviceFunction.I2C1_DATA ? " data" : " clock")); }
            }
        }
        """;

    /// <summary>What they are compiled from. One assembly, and not called as a package is: a CLR wants its own native code behind those names.</summary>
    public static IReadOnlyList<string> Sources { get; } = [I2c, Gpio, Esp32];
}
