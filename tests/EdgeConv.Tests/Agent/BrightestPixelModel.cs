using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Agent;

/// <summary>A model that can be checked by eye: 2x2 grey pixels in, the same three first pixels out, one a class.</summary>
internal static class BrightestPixelModel
{
    /// <summary>The file.</summary>
    /// <param name="golden">Carries a golden vector.</param>
    /// <param name="spoiled">That golden vector names another hash for the layer.</param>
    /// <param name="pictures">Says how a picture becomes the input.</param>
    public static byte[] Write(bool golden = true, bool spoiled = false, bool pictures = true)
    {
        ModelSpec spec = Spec(pictures);
        if (golden)
        {
            using Model model = Model.Load(ModelWriter.Write(spec));
            GoldenVector vector = SelfTest.Record(model, [-128, 5, 127, 0]);
            spec = spec with { GoldenVectors = [spoiled ? vector with { LayerHashes = [vector.LayerHashes[0] ^ 1] } : vector] };
        }

        return ModelWriter.Write(spec);
    }

    private static ModelSpec Spec(bool pictures)
    {
        const float scale = 1 / 255f;
        sbyte[] table = [.. Enumerable.Range(-128, 256).Select(i => (sbyte)i)];
        return new ModelSpec
        {
            Name = "brightest",
            Tensors =
            [
                Activation("pixels", [1, 2, 2, 1], 0),
                Activation("classes", [1, 3], 16),
                Int8("weights", [3, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
                Int32("bias", [0, 0, 0]),
                Int32("multipliers", [1 << 30, 1 << 30, 1 << 30]),
                Int32("shifts", [1, 1, 1]),
            ],
            Operators = [new FullyConnectedOp("pick", 0, 1, 2, 3, 4, 5, -128, 127)],
            Input = 0,
            Output = 1,
            ArenaBytes = 32,
            Labels = ["left", "right", "below"],
            Preprocessing = pictures ? new PreprocessingRecord(new PictureLayout(2, 2, ColorOrder.Gray), table) : null,
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
