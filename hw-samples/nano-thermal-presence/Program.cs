using System;
using System.Device.Gpio;
using System.Device.I2c;
using System.Threading;
using EdgeConv.Generated;
using EdgeConv.Nano;
using EdgeConv.Nano.Devices;
using nanoFramework.Hardware.Esp32;

namespace EdgeConv.Samples.NanoThermalPresence
{
    /// <summary>A Grid-EYE on an ESP32 sees whether someone is there.</summary>
    public static class Program
    {
        private const int Data = 21;
        private const int Clock = 22;
        private const int Lamp = 2;

        // 15 to 35 degrees, in quarters: what the training pictures were taken with
        private const int Coldest = 60;
        private const int Hottest = 140;

        // classes are in the order of their folders' names: empty, someone
        private const int Someone = 1;

        // frames on the serial port instead of the lamp, to train with
        private const bool IsRecording = false;

        private const int FrameMilliseconds = 100;
        private const int HoldFrames = 20;
        private const int Margin = 40;
        private const int Frames = 3;

        /// <summary>Never ends.</summary>
        public static void Main()
        {
            Configuration.SetPinFunction(Data, DeviceFunction.I2C1_DATA);
            Configuration.SetPinFunction(Clock, DeviceFunction.I2C1_CLOCK);
            I2cDevice device = I2cDevice.Create(new I2cConnectionSettings(1, Amg88xx.Address));
            Amg88xx sensor = new Amg88xx(new I2cBus(device), Coldest, Hottest);
            GpioPin pin = new GpioController().OpenPin(Lamp, PinMode.Output);

            // exported for speed this network has no resource of weights
            Model model = new Model(null);
            PresenceLamp presence = new PresenceLamp(new Presence(sensor, model), new PinLamp(pin), Someone, HoldFrames);
            sbyte[] answer = new sbyte[Model.OutputLength];
            Console.WriteLine(GoldenLine.Text(model.SelfTest(answer), Model.Layers, answer));
            Console.WriteLine("EdgeConv: watching");
            while (true)
            {
                string said = IsRecording ? Record(sensor) : presence.Step();
                if (said != null)
                {
                    Console.WriteLine("EdgeConv: " + said);
                }

                Thread.Sleep(FrameMilliseconds);
            }
        }

        private static string Record(IFrameSource sensor)
        {
            return sensor.TryRead() ? FrameText.Pgm(sensor.Picture) : sensor.Problem;
        }

        private sealed class Presence : FrameClassifier
        {
            private readonly Model _model;

            public Presence(IFrameSource source, Model model)
                : base(source, Model.Preprocessing(), Model.OutputLength, new ClassDecider(Margin, Frames))
            {
                _model = model;
            }

            protected override void Run(sbyte[] input, sbyte[] output)
            {
                _model.Run(input, output);
            }
        }

        private sealed class PinLamp : ILamp
        {
            private readonly GpioPin _pin;

            public PinLamp(GpioPin pin)
            {
                _pin = pin;
            }

            public void Set(bool isOn)
            {
                _pin.Write(isOn ? PinValue.High : PinValue.Low);
            }
        }
    }
}
