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
        long weights = 0;
        for (int i = 0; i < model.Operators.Length; i++)
        {
            weights += Weights(model, model.Operators[i]);
            if (weights > Math.Max(MaxSharedWeights, 8L * file.Length))
            {
                throw new ModelFormatException(OperatorAt(file, i), $"operators[{i}] ({model.Operators[i].Name}).weights",
                    $"the layers up to this one read {weights} weights from a file of {file.Length} bytes: too many share theirs");
            }

            new OperatorChecks(model, file, i).Check();
        }

        if (model.Preprocessing is { } preprocessing && preprocessing.Layout.ByteLength != model.Tensors[model.Input].Length)
        {
            throw new ModelFormatException(Header.Preprocessing, "preprocessing",
                $"pictures become {preprocessing.Layout.ByteLength} elements, the input tensor has {model.Tensors[model.Input].Length}");
        }
    }

    private static long Weights(ModelContents model, ModelOperator op)
    {
        int tensor = op switch { Conv2DOp o => o.Weights, FullyConnectedOp o => o.Weights, TransposeConvOp o => o.Weights, _ => -1 };
        return (uint)tensor < (uint)model.Tensors.Length ? model.Tensors[tensor].Length : 0;
    }

    /// <summary>Byte offset of an operator's record, for messages.</summary>
    public static int OperatorAt(ReadOnlySpan<byte> file, int index) =>
        MemoryMarshal.Read<int>(file[Header.Operators..]) + index * OperatorBytes;

    /// <summary>Definitions before uses, and no two live activations in the same bytes.</summary>
    private sealed class DataFlow(ModelContents model)
    {
        private const int Unset = int.MinValue;
        private readonly int[] _definedBy = AllUnset(model.Tensors.Length);
        private readonly int[] _lastUse = AllUnset(model.Tensors.Length);

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
                IReadOnlyList<int> inputs = op.Inputs;
                for (int j = 0; j < inputs.Count; j++)
                {
                    Use(inputs[j], i);
                }

                Define(op.Output, i);
            }

            if (_definedBy[model.Output] == Unset)
            {
                throw Error(Header.Output, "output", "no operator writes the output tensor");
            }

            _lastUse[model.Output] = model.Operators.Length;
            CheckSlots();
        }

        private void Use(int tensor, int op)
        {
            bool exists = (uint)tensor < (uint)model.Tensors.Length;
            if (exists && model.Tensors[tensor].Storage == TensorStorage.Constant && tensor != model.Operators[op].Input)
            {
                return;   // whether an operator takes a constant there is its own check
            }

            if (!exists || _definedBy[tensor] == Unset)
            {
                throw Error(Header.Operators, $"operators[{op}] ({model.Operators[op].Name})", $"it reads tensor {tensor}, which nothing has written before it (a cycle, or a wrong index)");
            }

            _lastUse[tensor] = op;
        }

        private void Define(int tensor, int op)
        {
            if ((uint)tensor >= (uint)model.Tensors.Length || model.Tensors[tensor].Storage != TensorStorage.Arena || _definedBy[tensor] != Unset)
            {
                throw Error(Header.Operators, $"operators[{op}] ({model.Operators[op].Name})", $"it writes tensor {tensor}, which is not a free activation");
            }

            _definedBy[tensor] = op;
            _lastUse[tensor] = op;
        }

        private void CheckSlots()
        {
            List<Slot> live = [new(model.Input, model.Tensors[model.Input])];
            for (int i = 0; i < model.Operators.Length; i++)
            {
                ModelOperator op = model.Operators[i];
                live.RemoveAll(slot => _lastUse[slot.Tensor] < i);
                var output = new Slot(op.Output, model.Tensors[op.Output]);
                foreach (Slot other in live)
                {
                    bool inPlace = op.CanRunInPlace && other.Tensor == op.Input && _lastUse[other.Tensor] == i
                        && other.Start == output.Start && other.End == output.End;
                    if (!inPlace && output.Start < other.End && other.Start < output.End)
                    {
                        throw Error(Header.Tensors, $"tensors[{op.Output}] ({model.Tensors[op.Output].Name})",
                            $"its arena slot overlaps that of tensor {other.Tensor} ({model.Tensors[other.Tensor].Name}), "
                            + $"which is still needed at operator {i} ({op.Name})");
                    }
                }

                live.Add(output);
            }
        }

        private static int[] AllUnset(int count)
        {
            int[] values = new int[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = Unset;
            }

            return values;
        }

        private static ModelFormatException Error(int at, string field, string message) => new(at, field, message);

        /// <summary>Where a live activation lies in the arena. A class: a list of them is compiled code of .NET, one of structs is compiled at each start.</summary>
        private sealed class Slot(int tensor, TensorInfo info)
        {
            public readonly int Tensor = tensor;
            public readonly int Start = info.Offset;
            public readonly int End = info.Offset + info.ByteLength;
        }
    }
}
