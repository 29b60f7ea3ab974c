using System.Runtime.InteropServices;
using static EdgeConv.Runtime.Format.FormatLayout;

namespace EdgeConv.Runtime.Format;

/// <summary>
/// What the records of a model mean together: every value is written before it is read, live values do not share memory, shapes
/// and types fit, no accumulator can overflow. After this the interpreter trusts the model.
/// </summary>
internal static class ModelChecks
{
    public static void Check(ModelContents model, ReadOnlySpan<byte> file)
    {
        new DataFlow(model).Check();
        CheckEnd(model, model.Input, Header.Input, "input");
        CheckEnd(model, model.Output, Header.Output, "output");
        for (int i = 0; i < model.Operators.Length; i++)
        {
            new OperatorChecks(model, file, i).Check();
        }

        if (model.Preprocessing is { } preprocessing && preprocessing.Layout.ByteLength != model.Tensors[model.Input].Length)
        {
            throw new ModelFormatException(Header.Preprocessing, "preprocessing",
                $"pictures become {preprocessing.Layout.ByteLength} bytes, the input tensor has {model.Tensors[model.Input].Length}");
        }
    }

    private static void CheckEnd(ModelContents model, int tensor, int at, string field)
    {
        if (model.Tensors[tensor].Type != ElementType.Int8)
        {
            throw new ModelFormatException(at, field, $"found {model.Tensors[tensor].Type}, the caller's side of a model is int8");
        }
    }

    /// <summary>Byte offset of an operator's record, for messages.</summary>
    public static int OperatorAt(ReadOnlySpan<byte> file, int index) =>
        MemoryMarshal.Read<int>(file[Header.Operators..]) + index * OperatorBytes;

    /// <summary>Definitions before uses, and no two live activations in the same bytes.</summary>
    private sealed class DataFlow(ModelContents model)
    {
        private const int Unset = int.MinValue;
        private readonly int[] _definedBy = Enumerable.Repeat(Unset, model.Tensors.Length).ToArray();
        private readonly int[] _lastUse = Enumerable.Repeat(Unset, model.Tensors.Length).ToArray();

        public void Check()
        {
            if (model.Tensors[model.Input].Storage != TensorStorage.Arena)
            {
                throw Error(Header.Input, "input", "the input tensor must be in the arena");
            }

            _definedBy[model.Input] = -1;
            for (int i = 0; i < model.Operators.Length; i++)
            {
                ModelOperator op = model.Operators[i];
                string field = $"operators[{i}] ({op.Name})";
                foreach (int input in op.Inputs)
                {
                    Use(input, i, field);
                }

                Define(op.Output, i, field);
            }

            if (_definedBy[model.Output] == Unset)
            {
                throw Error(Header.Output, "output", "no operator writes the output tensor");
            }

            _lastUse[model.Output] = model.Operators.Length;
            CheckSlots();
        }

        private void Use(int tensor, int op, string field)
        {
            bool exists = (uint)tensor < (uint)model.Tensors.Length;
            if (exists && model.Tensors[tensor].Storage == TensorStorage.Constant && tensor != model.Operators[op].Input)
            {
                return;   // whether an operator takes a constant there is its own check
            }

            if (!exists || _definedBy[tensor] == Unset)
            {
                throw Error(Header.Operators, field, $"it reads tensor {tensor}, which nothing has written before it (a cycle, or a wrong index)");
            }

            _lastUse[tensor] = op;
        }

        private void Define(int tensor, int op, string field)
        {
            if ((uint)tensor >= (uint)model.Tensors.Length || model.Tensors[tensor].Storage != TensorStorage.Arena || _definedBy[tensor] != Unset)
            {
                throw Error(Header.Operators, field, $"it writes tensor {tensor}, which is not a free activation");
            }

            _definedBy[tensor] = op;
            _lastUse[tensor] = op;
        }

        private void CheckSlots()
        {
            List<int> live = [model.Input];
            for (int i = 0; i < model.Operators.Length; i++)
            {
                ModelOperator op = model.Operators[i];
                live.RemoveAll(t => _lastUse[t] < i);
                TensorInfo output = model.Tensors[op.Output];
                foreach (int t in live)
                {
                    TensorInfo other = model.Tensors[t];
                    bool inPlace = op.CanRunInPlace && t == op.Input && _lastUse[t] == i && other.Offset == output.Offset
                        && other.ByteLength == output.ByteLength;
                    if (!inPlace && output.Offset < other.Offset + other.ByteLength && other.Offset < output.Offset + output.ByteLength)
                    {
                        throw Error(Header.Tensors, $"tensors[{op.Output}] ({output.Name})",
                            $"its arena slot overlaps that of tensor {t} ({other.Name}), which is still needed at operator {i} ({op.Name})");
                    }
                }

                live.Add(op.Output);
            }
        }

        private static ModelFormatException Error(int at, string field, string message) => new(at, field, message);
    }
}
