using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Agent;

/// <summary>A model that can be checked by eye: square grey pictures in, their first pixels out, one a class.</summary>
internal static class BrightestPixelModel
{
    /// <summary>The file.</summary>
    /// <param name="golden">Carries a golden vector.</param>
    /// <param name="spoiled">That golden vector names another hash for the layer.</param>
    /// <param name="pictures">Says how a picture becomes the input.</param>
    /// <param name="classes">3, of 2x2 pixels, or up to 16, of 4x4.</param>
    /// <param name="digits">The classes have their numbers as labels.</param>
    /// <param name="name">The model's.</param>
    public static byte[] Write(bool golden = true, bool spoiled = false, bool pictures = true, int classes = 3, bool digits = false, string name = "brightest")
    {
        int side = classes == 3 ? 2 : 4;
        ModelSpec spec = Spec(pictures, classes, side) with { Name = name };
        spec = digits ? spec with { Labels = [.. Enumerable.Range(0, classes).Select(i => $"{i}")] } : spec;
        if (golden)
        {
            using Model model = Model.Load(ModelWriter.Write(spec));
            GoldenVector vector = SelfTest.Record(model, [.. Enumerable.Range(0, side * side).Select(i => (sbyte)(i * 37))]);
            spec = spec with { GoldenVectors = [spoiled ? vector with { LayerHashes = [vector.LayerHashes[0] ^ 1] } : vector] };
        }

        return ModelWriter.Write(spec);
    }

    private static ModelSpec Spec(bool pictures, int classes, int side)
    {
        int pixels = side * side;
        byte[] weights = new byte[classes * pixels];
        for (int i = 0; i < classes; i++)
        {
            weights[i * pixels + i] = 1;
        }

        const float scale = 1 / 255f;
        sbyte[] table = [.. Enumerable.Range(-128, 256).Select(i => (sbyte)i)];
        return new ModelSpec
        {
            Name = "brightest",
            Tensors =
            [
                Activation("pixels", [1, side, side, 1], 0),
                Activation("classes", [1, classes], 16),
                Int8("weights", [classes, pixels], weights),
                Int32("bias", new int[classes]),
                Int32("multipliers", [.. Enumerable.Repeat(1 << 30, classes)]),
                Int32("shifts", [.. Enumerable.Repeat(1, classes)]),
            ],
            Operators = [new FullyConnectedOp("pick", 0, 1, 2, 3, 4, 5, -128, 127)],
            Input = 0,
            Output = 1,
            ArenaBytes = 32,
            Labels = classes == 3 ? ["left", "right", "below"] : [],
            Preprocessing = pictures ? new PreprocessingRecord(new PictureLayout(side, side, ColorOrder.Gray), table) : null,
        };

        static TensorSpec Activation(string name, int[] shape, int offset) =>
            new(new TensorInfo(name, ElementType.Int8, TensorStorage.Arena, shape, scale, -128, offset), default);
    }

    private static TensorSpec Int8(string name, int[] shape, byte[] data) =>
        new(new TensorInfo(name, ElementType.Int8, TensorStorage.Constant, shape, 0, 0, 0), data);

    private static TensorSpec Int32(string name, int[] values) =>
        new(new TensorInfo(name, ElementType.Int32, TensorStorage.Constant, [values.Length], 0, 0, 0),
            values.SelectMany(BitConverter.GetBytes).ToArray());
}
