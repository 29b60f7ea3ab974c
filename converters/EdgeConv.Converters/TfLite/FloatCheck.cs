using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Converters.TfLite;

/// <summary>Networks that compute in float as a whole get one answer, not a list of all their operators.</summary>
internal static class FloatCheck
{
    private const string WhatToDo = "Convert it again with full-integer quantization (a representative data set and TFLITE_BUILTINS_INT8), or "
        + "export the float network to ONNX and convert that with --calibrate.";

    /// <summary>Refuses a network of float operators.</summary>
    /// <exception cref="TfLiteImportException">It is one.</exception>
    public static void Run(TfLiteModel model, IReadOnlyList<TfLiteOperator> operators)
    {
        TfLiteOperator[] computing = [.. operators.Where(o => o.Kind is not ("QUANTIZE" or "DEQUANTIZE"))];
        TfLiteOperator[] real = [.. computing.Where(o => Tensors(o.Outputs).Any(t => t.IsFloat))];
        if (real.Length == 0 || real.Length < computing.Length)
        {
            return;
        }

        bool hybrid = real.Any(o => Tensors(o.Inputs).Any(t => t.IsConstant && t.Type is TensorType.Int8 or TensorType.Int4));
        throw new TfLiteImportException(hybrid
            ? $"{model.File.Name} has int8 weights but computes in float (dynamic-range quantization); activations must be int8 as well. "
                + WhatToDo
            : $"{model.File.Name} is a float network: none of its {real.Length} operators is quantized. {WhatToDo}");

        IEnumerable<TfLiteTensor> Tensors(int[] indices) => indices.Where(i => i >= 0).Select(i => model.Tensors[i]);
    }
}
