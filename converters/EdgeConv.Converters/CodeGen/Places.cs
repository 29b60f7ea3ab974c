namespace EdgeConv.Converters.CodeGen;

/// <summary>The places of a pooling's window, as loops over py and px.</summary>
/// <param name="Rows">Steps down.</param>
/// <param name="Columns">Steps to the right.</param>
/// <param name="RowStep">Of the address, a step down.</param>
/// <param name="ColumnStep">Of the address, a step to the right.</param>
internal sealed record Places(int Rows, int Columns, int RowStep, int ColumnStep)
{
    /// <summary>What is added to the address for one of them.</summary>
    public string Offset =>
        (Rows > 1 ? $" + {CModel.Times("py", RowStep)}" : "") + (Columns > 1 ? $" + {CModel.Times("px", ColumnStep)}" : "");

    /// <summary>Loops over them, with at least one pair of braces.</summary>
    public string Around(string lines)
    {
        lines = Columns > 1 ? $"for (int32_t px = 0; px < {Columns}; px++) {{\n{CText.Indent(lines, "    ")}\n}}" : lines;
        return Rows > 1 ? $"for (int32_t py = 0; py < {Rows}; py++) {{\n{CText.Indent(lines, "    ")}\n}}"
            : Columns > 1 ? lines : $"{{\n{CText.Indent(lines, "    ")}\n}}";
    }
}
