using System;
using EdgeConv.Generated;
using EdgeConv.Nano;

namespace EdgeConv.OnClr
{
    /// <summary>
    /// Runs a generated model's self-test, then the model on the inputs that `edgeconv verify --on nanoclr` compiles beside this, and writes every
    /// output tensor in hexadecimal. The last line has the checksum of all: without it, nothing that was written counts.
    /// </summary>
    public static class Program
    {
        private static sbyte[] _part;
        private static int _loaded = -1;

        /// <summary>All inputs, one after the other.</summary>
        public static void Main()
        {
            Model model = InputParts.Model();
            sbyte[] input = new sbyte[Model.InputLength], output = new sbyte[Model.OutputLength];
            byte[] bytes = new byte[Model.OutputLength];
            int layer = model.SelfTest(output);
            Console.WriteLine("edgeconv golden " + (layer < 0 ? "none" : layer == 0 ? "ok" : "layer " + layer.ToString() + " of " + Model.Layers.ToString() + " gives other bytes"));

            uint crc = 0;
            for (int i = 0; i < InputParts.Count; i++)
            {
                Read(i, input);
                model.Run(input, output);
                for (int j = 0; j < bytes.Length; j++)
                {
                    bytes[j] = (byte)output[j];
                }

                crc = Crc32C.Compute(bytes, 0, bytes.Length, crc);
                Console.WriteLine("edgeconv output " + i.ToString() + " " + Hex(bytes));
            }

            Console.WriteLine("edgeconv done " + InputParts.Count.ToString() + " " + crc.ToString("X8"));
        }

        // An input may begin in one part and end in the next.
        private static void Read(int index, sbyte[] input)
        {
            int at = index * input.Length;
            for (int i = 0; i < input.Length; i++, at++)
            {
                int part = at / InputParts.PartLength;
                if (part != _loaded)
                {
                    _part = InputParts.Load(part);
                    _loaded = part;
                }

                input[i] = _part[at - part * InputParts.PartLength];
            }
        }

        private static string Hex(byte[] bytes)
        {
            const string Digits = "0123456789ABCDEF";
            char[] text = new char[2 * bytes.Length];
            for (int i = 0; i < bytes.Length; i++)
            {
                text[2 * i] = Digits[bytes[i] >> 4];
                text[2 * i + 1] = Digits[bytes[i] & 15];
            }

            return new string(text);
        }
    }
}
