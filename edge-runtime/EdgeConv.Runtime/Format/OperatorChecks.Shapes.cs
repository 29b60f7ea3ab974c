using static EdgeConv.Runtime.Format.FormatLayout;

namespace EdgeConv.Runtime.Format;

/// <summary>Operators that take a part of a tensor or change an image's size.</summary>
internal readonly ref partial struct OperatorChecks
{
    private void Slice(SliceOp op)
    {
        SameQuantization();
        ReadOnlySpan<SliceDimension> dimensions = [op.D0, op.D1, op.D2, op.D3];
        for (int i = 0; i < 4; i++)
        {
            (int begin, int stride) = dimensions[i];
            int size = Dimension(_input, i);
            long last = begin + (Dimension(_output, i) - 1L) * stride;
            Require(stride != 0, "stride", $"found 0 in dimension {i}");
            Require((uint)begin < (uint)size && last >= 0 && last < size, "begin",
                $"elements {begin} to {last} of dimension {i}, the input has {size}");
        }
    }

    private void Resize(ResizeOp op)
    {
        Require(_input.Shape.Count == 4 && _output.Shape.Count == 4, "shape", "resizing needs NHWC tensors");
        Require(_input.Shape[0] == _output.Shape[0] && _input.Shape[3] == _output.Shape[3], "shape", "resizing keeps pictures and channels");
        SameQuantization();
        Require(op.Mode is >= ResizeMode.Nearest and <= ResizeMode.Bilinear, "mode", $"unknown mode {(int)op.Mode}");
        Require(op.Coordinates is >= ResizeCoordinates.Asymmetric and <= ResizeCoordinates.AlignCorners, "coordinates", $"unknown coordinates {(int)op.Coordinates}");
        ReadOnlySpan<int> sides = [_input.Shape[1], _input.Shape[2], _output.Shape[1], _output.Shape[2]];
        foreach (int side in sides)
        {
            Require(side <= MaxWindowField, "shape", $"found {side} rows or columns, the limit is {MaxWindowField}");
        }
    }
}
