using Microsoft.CodeAnalysis;

namespace EdgeConv.Generators;

/// <summary>Adds to the runtime what would be thousands of lines if it were written by hand.</summary>
[Generator]
public sealed class KernelGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context) => context.RegisterPostInitializationOutput(
        output =>
        {
            output.AddSource("NeonTileMultiply.g.cs", TileMultiply.Source());
            output.AddSource("NeonDepthwise3x3.g.cs", DepthwiseRow.Source());
        });
}
