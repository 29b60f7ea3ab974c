using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Lines that convolutions share.</summary>
internal static class ConvolutionText
{
    /// <summary>The head of the function, up to the rows that a row of the output looks at.</summary>
    public static void Begin(CModel model, Conv2DOp op, int rows, WindowRows window, CText text)
    {
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const int8_t *const input = {{model.At(op.Input)}};
                int8_t *output = {{model.At(op.Output)}};
                for (int32_t y = 0; y < {{rows}}; y++) {
                    const int8_t *const row = {{window.Start}};
            """);
        if (window.BufferBytes > 0)
        {
            text.Add($"        {window.Take()}");
        }
    }
}
