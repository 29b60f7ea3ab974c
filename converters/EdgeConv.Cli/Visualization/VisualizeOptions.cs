namespace EdgeConv.Cli.Visualization;

/// <summary>What `visualize` was asked for.</summary>
/// <param name="Source">Run folder or .onnx.</param>
/// <param name="Data">Data set; its test part is shown, its training part calibrates where no model is given.</param>
/// <param name="Output">The page.</param>
/// <param name="Model">The .ecm beside the float network; null to make one.</param>
/// <param name="Picture">The picture to follow through the network; null for one of the data set.</param>
/// <param name="Images">At most so many pictures are searched.</param>
/// <param name="Units">At most so many units a layer are shown.</param>
internal sealed record VisualizeOptions(
    string Source, string Data, string Output, string? Model, string? Picture, int Images, int Units);
