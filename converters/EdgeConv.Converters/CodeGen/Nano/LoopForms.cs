using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>Layers whose weights are read from flash by loops of the library: the least code.</summary>
internal static class LoopForms
{
    // LoopConvolution of the firmware has these.
    private const int HeaderBytes = 16 + 3 * 32, MaxLanes = 3, PieceBytes = 768, FullyConnectedPiece = 512;

    // Operations, as its methods are compiled.
    private const int TapOps = 15, RestOps = 21, RunOps = 22, RowOps = 9, PlaceOps = 55, PixelOps = 70, LaneOps = 60, UnpackOps = 22, GroupOps = 160;

    /// <summary>A convolution of products in lanes.</summary>
    public static NanoForm Convolution(NanoModel model, Conv2DOp op)
    {
        NanoSums sums = model.Sums(op);
        NanoWindow window = new(model, op);
        LaneGroup[][] groups = Groups(op, sums);
        int lanes = groups.SelectMany(of => of).Max(group => group.Lanes.Count), all = groups.Sum(of => of.Length);
        (int runs, int taps) = Runs(op, window);
        long pixels = (long)window.Rows * window.Columns;
        long sum = op.Window.KernelH * (RowOps + runs * (RunOps + (long)(taps / 4 * 4) * TapOps + taps % 4 * RestOps));
        long walk = window.WalkOps + pixels * (PixelOps + window.Places.Count * (PlaceOps + sum));
        return new(lanes == 1 || model.HasSlots ? "loops" : $"loops, {lanes} filters a product")
        {
            CodeBytes = 420,
            BlobBytes = all * HeaderBytes + sums.Filters * sums.Taps,
            ScratchBytes = window.BufferBytes,
            Sums = sums.Taps,
            ChunkBytes = Math.Max(HeaderBytes, Math.Min(PieceBytes, sums.Taps * (model.HasSlots ? MaxLanes : lanes))),
            Locals = 30,
            Operations = all * (GroupOps + walk + UnpackOps * (long)sums.Taps) + sums.Filters * pixels * LaneOps,
            Write = (text, blob) => Write(model, op, sums, window, groups, text, blob),
        };
    }

    /// <summary>A fully connected layer of bytes.</summary>
    public static NanoForm FullyConnected(NanoModel model, FullyConnectedOp op, NanoSums sums)
    {
        int pieces = (sums.Taps + FullyConnectedPiece - 1) / FullyConnectedPiece;
        long row = 40 + 9L * sums.Taps + (long)sums.Filters * (20 + pieces * 35 + 12L * sums.Taps + 60);
        return new("loops")
        {
            CodeBytes = 120,
            BlobBytes = sums.Filters * (sums.Taps + 16),
            Sums = sums.Filters,
            ChunkBytes = Math.Max(Math.Min(FullyConnectedPiece, sums.Taps), sums.Filters * 16),
            Locals = 20,
            Operations = FullyConnectedForms.RowCount(model, op) * row,
            Write = (text, blob) =>
            {
                int first = blob.Length;
                FullyConnectedForms.AddWeights(blob, sums, 0, sums.Taps);
                FullyConnectedForms.Layer(model, op, text, sums,
                    $"LoopFullyConnected.Sum(a, p, {sums.Taps}, w, {blob.Number(first)}, t, {sums.Filters});\n{FullyConnectedForms.Store(blob, sums)}");
            },
        };
    }

    private static LaneGroup[][] Groups(Conv2DOp op, NanoSums sums)
    {
        int share = sums.Filters / op.Groups;
        return [.. Enumerable.Range(0, op.Groups).Select(group => sums.Groups(group * share, share, MaxLanes).ToArray())];
    }

    /// <summary>Runs of bytes that lie side by side in a row of a window, and taps of one.</summary>
    private static (int Runs, int Taps) Runs(Conv2DOp op, NanoWindow window) => op.Window.DilationW == 1 && op.Groups == 1
        ? (1, op.Window.KernelW * window.Depth)
        : (op.Window.KernelW, window.Depth);

    private static void Write(NanoModel model, Conv2DOp op, NanoSums sums, NanoWindow window, LaneGroup[][] groups, NanoText text, NanoBlob blob)
    {
        int records = blob.Length;
        foreach ((int index, LaneGroup[] of) in groups.Index())
        {
            foreach (LaneGroup group in of)
            {
                WriteGroup(sums, group, index * window.Depth, blob);
            }
        }

        (int height, int width, int channels) = model.Image(op.Input);
        (Window w, Pooling pool) = (op.Window, op.Pool);
        (int runs, int taps) = Runs(op, window);
        text.Add($$"""
            private static void {{model.Name(op)}}(sbyte[] a, WeightSource w, long[] t)
            {
                new LoopConvolution
                {
                    Rows = {{window.Rows}}, Columns = {{window.Columns}}, Filters = {{sums.Filters}}, Image = {{model.At(op.Input)}}, Output = {{model.At(op.Output)}},
                    Height = {{height}}, Width = {{width * channels}},{{window.PaddingText(blob)}}
                    Count = {{window.Count}}, StepY = {{pool.StrideH * w.StrideH}}, RowBytes = {{window.RowBytes}}, StepX = {{window.StepX}},
                    TapRows = {{w.KernelH}}, TapRowBytes = {{w.DilationH * window.RowBytes}}, Runs = {{runs}}, RunBytes = {{w.DilationW * channels}}, RunTaps = {{taps}},
                    PlacesH = {{pool.KernelH}}, PlacesW = {{pool.KernelW}}, PlaceRowBytes = {{w.StrideH * window.RowBytes}}, PlaceBytes = {{w.StrideW * channels}},
                    Groups = {{blob.Number(groups.Sum(of => of.Length))}}, Records = {{blob.Number(records)}}, {{sums.ScaleText(blob)}}, Min = {{blob.Number(sums.Min)}}, Max = {{blob.Number(sums.Max)}},
                }.Run(a, w, t);
            }

            """, 2);
    }

    private static void WriteGroup(NanoSums sums, LaneGroup group, int channel, NanoBlob blob)
    {
        blob.Add(group.Start).Add(group.Lanes.Count).Add(channel);
        foreach (Lane lane in group.Lanes)
        {
            blob.Add(lane.Filter).Add(64 - lane.Shift - lane.Bits).Add(64 - lane.Bits).Add(0);
            sums.WriteRecord(blob, lane.Filter, lane.Least);
        }

        blob.Fill(32 * (MaxLanes - group.Lanes.Count));
        for (int tap = 0; tap < sums.Taps; tap++)
        {
            foreach (Lane lane in group.Lanes)
            {
                blob.Add(unchecked((byte)sums.Weight(lane.Filter, tap)));
            }
        }
    }
}
