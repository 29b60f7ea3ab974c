namespace EdgeConv.Converters.TfLite.Schema;

/// <summary>An operator as the file describes it.</summary>
/// <param name="Index">Its place in the file.</param>
/// <param name="Kind">TFLite's name for it.</param>
/// <param name="Inputs">Tensors that it reads; -1 for one that is left out.</param>
/// <param name="Outputs">Tensors that it writes.</param>
/// <param name="Options">Its attributes, or null.</param>
internal sealed record TfLiteOperator(int Index, string Kind, int[] Inputs, int[] Outputs, FlatTable? Options);
