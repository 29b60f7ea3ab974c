namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>Where an application has its weights.</summary>
internal enum NanoPlace
{
    /// <summary>All of them are constants.</summary>
    Code,

    /// <summary>Those of large layers lie in a resource of the assembly.</summary>
    Resource,

    /// <summary>All of them lie in one of two slots, apart from the program.</summary>
    Slots,
}

/// <summary>The program of an application, which is the user's from then on.</summary>
internal static class NanoProgramText
{
    /// <summary>How it makes the model.</summary>
    /// <param name="place">Where the weights are.</param>
    /// <param name="imageBytes">Of an image for a slot; a retrained one may be a little longer.</param>
    public static string ModelExpression(NanoPlace place, int imageBytes) => place switch
    {
        NanoPlace.Resource => "new Model(new ResourceWeights())",
        NanoPlace.Slots => $"""new Model(new FileSlots("I:\\weights0.bin", "I:\\weights1.bin", {(imageBytes * 5 / 4 / 4096 + 1) * 4} * 1024), false)""",
        _ => "new Model(null)",
    };

    /// <summary>The file.</summary>
    /// <param name="place">Where the weights are.</param>
    /// <param name="imageBytes">Of an image for a slot.</param>
    public static string Write(NanoPlace place, int imageBytes) => $$"""
        using System;
        using System.Threading;
        using EdgeConv.Generated;
        using EdgeConv.Nano;

        namespace {{NanoProjectFiles.App}}
        {
            public static class Program
            {
                public static void Main()
                {
        {{Start(place, imageBytes)}}
                    sbyte[] output = new sbyte[Model.OutputLength];
                    int layer = model.SelfTest(output);
                    Console.WriteLine(GoldenLine.Text(layer, Model.Layers, output));
                    if (layer > 0)
                    {
                        Thread.Sleep(Timeout.Infinite);
                    }

                    // Here a program of your own takes a picture: InputLength bytes, q = real / InputScale + InputZeroPoint.
                    sbyte[] input = model.GoldenInput();
                    if (input == null)
                    {
                        input = new sbyte[Model.InputLength];
                    }

                    long begin = DateTime.UtcNow.Ticks;
                    model.Run(input, output);
                    long milliseconds = (DateTime.UtcNow.Ticks - begin) / 10000;
                    Console.WriteLine("EdgeConv: class " + Name(Largest(output)) + " in " + milliseconds + " ms");
                    Thread.Sleep(Timeout.Infinite);
                }

                private static int Largest(sbyte[] values)
                {
                    int best = 0;
                    for (int i = 1; i < values.Length; i++)
                    {
                        if (values[i] > values[best])
                        {
                            best = i;
                        }
                    }

                    return best;
                }

                private static string Name(int index)
                {
                    return index < Model.Labels.Length ? Model.Labels[index] : index.ToString();
                }
            }
        }

        """;

    private static string Start(NanoPlace place, int imageBytes) => place != NanoPlace.Slots ? $"            Model model = {ModelExpression(place, imageBytes)};" : $$"""
                    Model model;
                    try
                    {
                        model = {{ModelExpression(place, imageBytes)}};
                    }
                    catch (WeightSlotException none)
                    {
                        Console.WriteLine("EdgeConv: " + none.Message);
                        Thread.Sleep(Timeout.Infinite);
                        return;
                    }

                    Console.WriteLine("EdgeConv: weights of slot " + model.Slot.ToString() + ", version " + model.Version.ToString());
        """;
}
