using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>Depthwise convolutions of 3x3 whose weights are read from flash, a channel of a row at a time.</summary>
internal static class DepthwiseForm
{
    // LoopDepthwise of the firmware has these.
    private const int RecordBytes = 28, Piece = 32;

    // Operations, as its methods are compiled.
    private const int PixelOps = 122, ChannelOps = 125, PieceOps = 45, RowOps = 60;

    /// <summary>The form, or null where the layer is another.</summary>
    public static NanoForm? Of(NanoModel model, Conv2DOp op)
    {
        NanoSums sums = model.Sums(op);
        NanoWindow window = new(model, op);
        int channels = model.Image(op.Input).Channels;
        if (op.Groups != channels || sums.Filters != channels || op.IsPooled || op.Window is not { KernelH: 3, KernelW: 3, DilationH: 1, DilationW: 1 }
            || !FullyConnectedForms.HasByteWeights(sums))
        {
            return null;
        }

        int pieces = (channels + Piece - 1) / Piece;
        return new("loops, a channel's weights as variables")
        {
            CodeBytes = 320,
            BlobBytes = channels * RecordBytes,
            ScratchBytes = window.BufferBytes,
            ChunkBytes = Math.Min(channels, Piece) * RecordBytes,
            Locals = 30,
            Operations = window.WalkOps + window.Rows * (RowOps + pieces * PieceOps + (long)channels * (ChannelOps + window.Columns * PixelOps)),
            Below = window.Below,
            Write = (text, blob) => Write(model, op, sums, window, text, blob),
        };
    }

    private static void Write(NanoModel model, Conv2DOp op, NanoSums sums, NanoWindow window, NanoText text, NanoBlob blob)
    {
        int records = blob.Length;
        for (int filter = 0; filter < sums.Filters; filter++)
        {
            sums.WriteRecord(blob, filter, 0);
            for (int tap = 0; tap < sums.Taps; tap++)
            {
                blob.Add(unchecked((byte)sums.Weight(filter, tap)));
            }

            blob.Fill(RecordBytes - 16 - sums.Taps);
        }

        (int height, int width, int channels) = model.Image(op.Input);
        Window w = op.Window;
        text.Add($$"""
            private static void {{model.Name(op)}}(sbyte[] a, WeightSource w, long[] t)
            {
                new LoopDepthwise
                {
                    Rows = {{window.Rows}}, Columns = {{window.Columns}}, Channels = {{channels}}, Image = {{model.At(op.Input)}}, Output = {{model.At(op.Output)}},
                    Height = {{height}}, Width = {{width * channels}},{{window.PaddingText(blob)}} StepY = {{w.StrideH}}, RowBytes = {{window.RowBytes}}, StepX = {{window.StepX}},
                    Records = {{blob.Number(records)}}, {{sums.ScaleText(blob)}}, Min = {{blob.Number(sums.Min)}}, Max = {{blob.Number(sums.Max)}},
                }.Run(a, w);
            }

            """, 2);
    }
}
