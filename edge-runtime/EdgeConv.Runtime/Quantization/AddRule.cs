namespace EdgeConv.Runtime.Quantization;

/// <summary>Sum or difference of two integers as QUANTIZATION.md, section 3, defines it: each input scaled, then both together.</summary>
/// <param name="op">Factors and clamp.</param>
/// <param name="zeroA">Zero point of the first input.</param>
/// <param name="zeroB">Of the other.</param>
/// <param name="zeroY">Of the output.</param>
/// <param name="leftShift">Bits that inputs gain before they are scaled.</param>
internal readonly struct AddRule(AddOp op, int zeroA, int zeroB, int zeroY, int leftShift)
{
    /// <summary>The first input's share.</summary>
    public int ScaledA(int a) => Requantizer.Scale((a - zeroA) << leftShift, op.InputFactor.Multiplier, op.InputFactor.Shift);

    /// <summary>The other's.</summary>
    public int ScaledB(int b) => Requantizer.Scale((b - zeroB) << leftShift, op.OtherFactor.Multiplier, op.OtherFactor.Shift);

    /// <summary>The output for two shares.</summary>
    public int Output(int scaledA, int scaledB) => Math.Clamp(
        Requantizer.Scale(op.Subtract ? scaledA - scaledB : scaledA + scaledB, op.OutputFactor.Multiplier, op.OutputFactor.Shift) + zeroY,
        op.Min, op.Max);
}
