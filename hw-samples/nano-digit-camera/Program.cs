using System;
using System.Device.I2c;
using System.Device.Spi;
using EdgeConv.Generated;
using EdgeConv.Nano;
using EdgeConv.Nano.Devices;

namespace EdgeConv.Samples.NanoDigitCamera
{
    /// <summary>An ArduCAM shield on an STM32F769I-DISCO sees handwritten digits.</summary>
    public static class Program
    {
        // its Arduino connector: I2C1 on D14 and D15, SPI2 on D11 to D13, chip select D10 is PA11
        private const int I2cBusId = 1;
        private const int SpiBusId = 2;
        private const int ChipSelect = 11;
        private const int SpiHertz = 4_000_000;

        private const int Side = 96;
        private const int PatienceMilliseconds = 1000;
        private const int Margin = 40;
        private const int Frames = 2;

        /// <summary>Never ends.</summary>
        public static void Main()
        {
            SpiConnectionSettings settings = new SpiConnectionSettings(SpiBusId, ChipSelect);
            settings.ClockFrequency = SpiHertz;
            SpiBus shield = new SpiBus(SpiDevice.Create(settings));
            I2cBus sensor = new I2cBus(I2cDevice.Create(new I2cConnectionSettings(I2cBusId, ArduCam.SensorAddress)));
            ArduCam camera = new ArduCam(shield, sensor, Ov2640Format.Rgb565, Side, Side, PatienceMilliseconds);
            Model model = new Model(new ResourceWeights());
            DigitSpeaker speaker = new DigitSpeaker(new Digits(camera, model), Model.Labels);
            sbyte[] answer = new sbyte[Model.OutputLength];
            Console.WriteLine(GoldenLine.Text(model.SelfTest(answer), Model.Layers, answer));
            Console.WriteLine("EdgeConv: watching");
            while (true)
            {
                string said = speaker.Step();
                if (said != null)
                {
                    Console.WriteLine("EdgeConv: " + said);
                }
            }
        }

        private sealed class Digits : FrameClassifier
        {
            private readonly Model _model;

            public Digits(IFrameSource source, Model model)
                : base(source, Model.Preprocessing(), Model.OutputLength, new ClassDecider(Margin, Frames))
            {
                _model = model;
            }

            protected override void Run(sbyte[] input, sbyte[] output)
            {
                _model.Run(input, output);
            }
        }
    }
}
