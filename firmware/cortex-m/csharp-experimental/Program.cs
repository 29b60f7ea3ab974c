using System.Runtime;
using System.Runtime.CompilerServices;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Kernels.Reference;

/// <summary>What C calls.</summary>
internal static unsafe class Program
{
    private const int Conv2D = 1, FullyConnected = 2, Reshape = 7, PooledConv2D = 23;

    /// <summary>Runs a model's layers on the input that lies in the arena: 0, or the number of a layer (from 1) that has no kernel here.</summary>
    /// <param name="file">A model file.</param>
    /// <param name="arena">As many bytes as it says.</param>
    [RuntimeExport("edgeconv_cs_run")]
    public static int Run(byte* file, byte* arena)
    {
        Model model = new(file);
        KernelContext context = new(model, arena);
        for (int i = 0; i < model.Operators; i++)
        {
            byte* record = model.Operator(i);
            int* arguments = (int*)(record + 12);
            int code = *(ushort*)(record + 8);
            Kernel kernel;
            switch (code)
            {
                case Conv2D:
                case PooledConv2D:
                    kernel = new ReferenceConv2D(new Conv2DOp(arguments, code == PooledConv2D), context);
                    break;
                case FullyConnected:
                    kernel = new ReferenceFullyConnected(new FullyConnectedOp(arguments), context);
                    break;
                case Reshape when context.Activation(arguments[0]) == context.Activation(arguments[1]):
                    LayerDone(i, context.Activation(arguments[1]), model.Info(arguments[1]).ByteLength);
                    continue;
                default:
                    return i + 1;
            }

            kernel.Run(null);
            LayerDone(i, context.Activation(arguments[1]), model.Info(arguments[1]).ByteLength);
        }

        return 0;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "edgeconv_cs_layer_done")]
    private static extern void LayerDone(int layer, sbyte* bytes, int length);
}
