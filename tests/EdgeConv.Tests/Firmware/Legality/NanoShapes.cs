using Microsoft.CodeAnalysis;

namespace EdgeConv.Tests.Firmware.Legality;

/// <summary>
/// Declarations of the members of nanoFramework's bus packages that this project uses, without bodies: the packages themselves need not be there.
/// Read from the sources of System.Device.Gpio 1.1, System.Device.I2c 1.1, System.Device.Spi 1.3, System.IO.Ports 1.1 and System.IO.FileSystem 1.1.
/// </summary>
internal static class NanoShapes
{
    /// <summary>What generated code asks of nanoFramework.ResourceManager, to compile along with it.</summary>
    public const string Resources = """
        namespace System.Resources { public class ResourceManager { public ResourceManager(string name, System.Reflection.Assembly assembly) { } } }
        namespace nanoFramework.Runtime.Native
        {
            public static class ResourceUtility { public static object GetObject(System.Resources.ResourceManager m, System.Enum id, int offset, int length) { return null; } }
        }
        """;

    /// <summary>What slots that are files ask of System.IO.FileSystem and System.IO.Streams.</summary>
    public const string Files = """
        namespace System.IO
        {
            public enum SeekOrigin { Begin, Current, End }
            public enum FileMode { CreateNew = 1, Create, Open, OpenOrCreate, Truncate, Append }
            public enum FileAccess { Read = 1, Write = 2, ReadWrite = 3 }
            public abstract class Stream
            {
                public abstract long Length { get; }
                public virtual void Close() { }
                public abstract void Flush();
                public abstract int Read(byte[] buffer, int offset, int count);
                public abstract long Seek(long offset, SeekOrigin origin);
                public abstract void Write(byte[] buffer, int offset, int count);
            }
            public class FileStream : Stream
            {
                public extern FileStream(string path, FileMode mode, FileAccess access);
                public extern override long Length { get; }
                public extern override void Flush();
                public extern override int Read(byte[] buffer, int offset, int count);
                public extern override long Seek(long offset, SeekOrigin origin);
                public extern override void Write(byte[] buffer, int offset, int count);
            }
            public static class File { public static extern bool Exists(string path); }
        }
        """;

    private const string I2c = """
        namespace System.Device.I2c
        {
            public enum I2cTransferStatus { UnknownError, FullTransfer, ClockStretchTimeout, PartialTransfer, SlaveAddressNotAcknowledged }
            public struct I2cTransferResult { public extern I2cTransferStatus Status { get; } }
            public enum I2cBusSpeed { StandardMode, FastMode, FastModePlus }
            public class I2cConnectionSettings { public extern I2cConnectionSettings(int busId, int deviceAddress); }
            public class I2cDevice
            {
                public extern I2cDevice(I2cConnectionSettings settings);
                public static extern I2cDevice Create(I2cConnectionSettings settings);
                public extern I2cTransferResult Write(SpanByte buffer);
                public extern I2cTransferResult WriteRead(SpanByte writeBuffer, SpanByte readBuffer);
            }
        }
        """;

    private const string Spi = """
        namespace System.Device.Spi
        {
            public class SpiConnectionSettings
            {
                public extern SpiConnectionSettings(int busId, int chipSelectLine);
                public extern int ClockFrequency { get; set; }
            }
            public class SpiDevice
            {
                public static extern SpiDevice Create(SpiConnectionSettings settings);
                public extern void TransferFullDuplex(SpanByte writeBuffer, SpanByte readBuffer);
            }
        }
        """;

    private const string Ports = """
        namespace System.IO.Ports
        {
            public enum Parity { None, Odd, Even, Mark, Space }
            public enum StopBits { None, One, Two, OnePointFive }
            public sealed class SerialPort
            {
                public extern SerialPort(string portName, int baudRate = 9600, Parity parity = Parity.None, int dataBits = 8, StopBits stopBits = StopBits.One);
                public extern void Open();
                public extern int BytesToRead { get; }
                public extern int ReadTimeout { get; set; }
                public extern int Read(byte[] buffer, int offset, int count);
            }
        }
        """;

    private const string Gpio = """
        namespace System.Device.Gpio
        {
            public enum PinMode { Input, InputPullDown, InputPullUp, Output }
            public struct PinValue
            {
                public static extern PinValue High { get; }
                public static extern PinValue Low { get; }
            }
            public class GpioPin { public extern void Write(PinValue value); }
            public class GpioController
            {
                public extern GpioController();
                public extern GpioPin OpenPin(int pinNumber, PinMode mode);
            }
        }
        """;

    private const string Esp32 = """
        namespace nanoFramework.Hardware.Esp32
        {
            public enum DeviceFunction { I2C1_DATA = 0x020000, I2C1_CLOCK = 0x020001 }
            public class Configuration { public static extern void SetPinFunction(int pin, DeviceFunction function); }
        }
        """;

    /// <summary>An assembly a package.</summary>
    /// <param name="mscorlib">nanoFramework's.</param>
    public static IEnumerable<MetadataReference> References(MetadataReference mscorlib)
    {
        foreach ((string name, string source) in new[]
        {
            ("System.Device.I2c", I2c), ("System.Device.Spi", Spi), ("System.IO.Ports", Ports), ("System.Device.Gpio", Gpio), ("nanoFramework.Hardware.Esp32", Esp32),
        })
        {
            using MemoryStream assembly = NanoCompiler.ForNano(name, [source], mscorlib);
            yield return MetadataReference.CreateFromImage(assembly.ToArray());
        }
    }
}
