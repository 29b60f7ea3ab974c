using System.Buffers.Binary;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using Builder = System.Func<EdgeConv.Runtime.Tests.Parity.CaseValues, (EdgeConv.Runtime.Tests.TestModel Model, int Input)>;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>
/// Files whose checksum is good and whose operators and shapes say what they should not: the reader refuses them with its typed
/// exception, or what it lets through runs, writes its output only, and gives the same bytes on every path.
/// </summary>
public sealed class HostileArgumentTests
{
    private const int CasesEach = 30, Mutations = 60, FirstSeed = 7000, LargestArena = 1 << 20;

    private static readonly int[] _values =
        [int.MinValue, int.MinValue + 1, -32768, -2, -1, 0, 1, 2, 3, 127, 128, 32767, 32768, 1 << 20, 1 << 30, int.MaxValue - 1, int.MaxValue];

    [Theory]
    [MemberData(nameof(GeneratedCases.Codes), MemberType = typeof(GeneratedCases))]
    public void Hostile_arguments_and_shapes_are_refused_or_do_no_harm(int code)
    {
        Builder[] builders = [.. GeneratedCases.ByCode[code]()];
        int refused = 0;
        for (int i = 0; i < CasesEach; i++)
        {
            var values = new CaseValues(FirstSeed + i, i);
            (TestModel model, _) = builders[values.Next(builders.Length)](values);
            byte[] file = ModelWriter.Write(model.Spec());
            for (int mutation = 0; mutation < Mutations; mutation++)
            {
                byte[] broken = [.. file];
                for (int changes = values.Next(1, 4); changes > 0; changes--)
                {
                    Change(broken, values);
                }

                BinaryPrimitives.WriteUInt32LittleEndian(broken.AsSpan(FormatLayout.Header.Crc), FormatLayout.Checksum(broken));
                refused += Survives(broken, $"seed {values.Seed}, mutation {mutation}") ? 0 : 1;
            }
        }

        Assert.True(refused >= CasesEach, $"only {refused} of {CasesEach * Mutations} were refused");
    }

    /// <summary>An argument of an operator, or a dimension of a tensor with the length that follows from it.</summary>
    private static void Change(byte[] file, CaseValues values)
    {
        if (values.Next(3) > 0)
        {
            int op = At(FormatLayout.Header.Operators) + values.Next(At(FormatLayout.Header.Operators + 4)) * FormatLayout.OperatorBytes;
            int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(op + FormatLayout.Operator.ArgumentCount));
            Write(op + FormatLayout.Operator.Arguments + 4 * values.Next(count), Hostile(values));
            return;
        }

        int tensor = At(FormatLayout.Header.Tensors) + values.Next(At(FormatLayout.Header.Tensors + 4)) * FormatLayout.TensorBytes;
        int rank = file[tensor + FormatLayout.Tensor.Rank], dimensions = tensor + FormatLayout.Tensor.Dimensions;
        int old = Product();
        Write(dimensions + 4 * values.Next(rank), values.Next(2) == 0 ? Hostile(values) : values.Next(1, 12));
        Write(tensor + FormatLayout.Tensor.ByteLength, unchecked((int)((long)At(tensor + FormatLayout.Tensor.ByteLength) * Product() / Math.Max(old, 1))));

        int Product() => unchecked(Enumerable.Range(0, rank).Aggregate(1, (n, d) => n * At(dimensions + 4 * d)));
        int At(int offset) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(offset));
        void Write(int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
    }

    private static int Hostile(CaseValues values) => values.Next(3) == 0 ? values.Next(-300, 300) : _values[values.Next(_values.Length)];

    private static bool Survives(byte[] file, string what)
    {
        Model model;
        try
        {
            model = Model.Load(file);
        }
        catch (ModelFormatException)
        {
            return false;
        }

        using (model)
        {
            if (model.ArenaBytes <= LargestArena && KernelPath.Default.WorkingMemory(model).ScratchBytes <= 16 * LargestArena)
            {
                sbyte[] input = new sbyte[model.Input.Length];
                new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(input.AsSpan()));
                Paths.AllGive(TestModel.Run(model, input, KernelPath.Reference), model, input, what);
            }

            return true;
        }
    }
}
