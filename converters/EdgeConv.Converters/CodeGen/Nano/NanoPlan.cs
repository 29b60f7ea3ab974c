using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>
/// The form that each layer takes. It begins with the smallest form of each, in RAM where that is what lacks, then takes faster ones, the layer that gains most first, as long as
/// flash and RAM stay within what the goal allows, and the code within what one assembly can hold.
/// </summary>
internal sealed class NanoPlan
{
    /// <summary>Byte code of an assembly: its offsets have 16 bits, and the library and the program need some of them.</summary>
    public const int MaxCodeBytes = 52_000;

    /// <summary>Tables of an assembly: their offsets have 16 bits as well.</summary>
    private const int MaxTableBytes = 60_000;

    private const double BalancedGrowth = 1.25;
    private const int BalancedFlash = 6 * 1024, BalancedRam = 1024, VariableBytes = 12, ArrayBytes = 12;

    /// <summary>Byte code of library and program, as compiled.</summary>
    private const int LibraryBytes = 9 * 1024;

    private readonly NanoModel _model;
    private readonly NanoForm[] _chosen;

    /// <param name="model">The model.</param>
    /// <param name="goal">What it is to be best at.</param>
    /// <exception cref="CodeGenException">Even the smallest forms do not fit; the message names the layer.</exception>
    public NanoPlan(NanoModel model, NanoGoal goal)
    {
        _model = model;
        IReadOnlyList<NanoForm>[] ways = [.. model.Model.Operators.Select(op => NanoForms.Of(model, op))];
        _chosen = [.. ways.Select(forms => forms.MinBy(form => (form.CodeBytes + form.BlobBytes + form.TableBytes, form.Operations))!)];
        if (goal.Way is { } way)
        {
            _chosen = [.. ways.Select(forms => forms[way % forms.Count])];
            Arena = Place(thorough: true);
            return;
        }

        LowerRam(ways, goal);
        Check(goal);
        (int mostFlash, int mostRam) = Limits(goal);
        foreach ((int step, NanoForm form) in ways.Index().SelectMany(way => way.Item.Select(form => (Step: way.Index, Form: form)))
            .OrderBy(o => o.Form.Operations - _chosen[o.Step].Operations).ToArray())
        {
            if (form.Operations < _chosen[step].Operations)
            {
                NanoForm before = _chosen[step];
                _chosen[step] = form;
                if (CodeBytes > MaxCodeBytes || FlashBytes > mostFlash || RamBytes() > mostRam)
                {
                    _chosen[step] = before;
                }
            }
        }

        Arena = Place(thorough: true);
    }

    /// <summary>Where everything lies.</summary>
    public CArena Arena { get; }

    /// <summary>The form of each step.</summary>
    public IReadOnlyList<NanoForm> Forms => _chosen;

    /// <summary>Byte code of the layers.</summary>
    public int CodeBytes => _chosen.Sum(form => form.CodeBytes);

    /// <summary>Byte code of all, and what else is in the program: weights, tables.</summary>
    public int FlashBytes => LibraryBytes + CodeBytes + (_model.HasSlots ? 0 : _chosen.Sum(form => form.BlobBytes + form.TableBytes) + _model.Model.Input.ByteLength);

    /// <summary>The largest piece of weights, bytes.</summary>
    public int ChunkBytes => _chosen.Max(form => form.ChunkBytes);

    /// <summary>Elements of the array of sums.</summary>
    public int Sums => _chosen.Max(form => form.Sums);

    /// <summary>Numbers and tables that are read from a slot once; 0 without slots.</summary>
    public int SlotRamBytes => _model.HasSlots ? ArrayBytes + _chosen.Sum(form => form.Numbers * sizeof(int) + form.TableBytes) : 0;

    /// <summary>Arena, sums, tables, a piece of weights (twice where files are read: the file system has its own), the variables of the largest method, and the program's own input and output.</summary>
    public int RamBytes(CArena? arena = null) => (arena ?? Place(thorough: false)).Bytes + ArrayBytes
        + (Sums > 0 ? ArrayBytes + Sums * sizeof(long) : 0) + (_model.HasSlots ? SlotRamBytes : _chosen.Sum(form => form.TableBytes))
        + (ChunkBytes > 0 ? (ArrayBytes + ChunkBytes) * (_model.HasSlots ? 2 : 1) : 0) + _chosen.Max(form => form.Locals) * VariableBytes + CallerBytes;

    /// <summary>What a form takes beside input and output.</summary>
    private static int OwnRam(NanoForm form) => form.ScratchBytes + form.Sums * sizeof(long) + form.TableBytes + form.ChunkBytes + form.Locals * VariableBytes;

    /// <summary>What the program hands in and gets back; the known input is read to the heap as well, in its place.</summary>
    private int CallerBytes => ArrayBytes + _model.Model.Input.ByteLength + ArrayBytes + _model.Model.Output.ByteLength;

    /// <summary>The known input, which is a table of the assembly but of no layer.</summary>
    private int GoldenBytes => _model.Model.GoldenVectors.Count > 0 && !_model.HasSlots ? _model.Model.Input.ByteLength : 0;

    /// <summary>The forms that are smallest in flash may read more weights at a time, or keep more rows, than the limit of RAM allows and others do.</summary>
    private void LowerRam(IReadOnlyList<NanoForm>[] ways, NanoGoal goal)
    {
        for (int ram = RamBytes(); ram > goal.MaxRam;)
        {
            (int Ram, int Step, NanoForm Form) best = (ram, 0, _chosen[0]);
            for (int step = 0; step < ways.Length; step++)
            {
                NanoForm before = _chosen[step];
                foreach (NanoForm form in ways[step])
                {
                    _chosen[step] = form;
                    if (CodeBytes <= MaxCodeBytes && !(FlashBytes > goal.MaxFlash) && RamBytes() is var with && with < best.Ram)
                    {
                        best = (with, step, form);
                    }
                }

                _chosen[step] = before;
            }

            if (best.Ram == ram)
            {
                return;
            }

            (ram, _chosen[best.Step]) = (best.Ram, best.Form);
        }
    }

    private CArena Place(bool thorough) => CArena.Plan(_model.Model, [.. _chosen.Select(form => new LayerNeeds(form.ScratchBytes, form.Below))], thorough);

    private void Check(NanoGoal goal)
    {
        int Largest(Func<NanoForm, int> size) => Enumerable.Range(0, _chosen.Length).MaxBy(step => size(_chosen[step]));
        string Name(int step) => _model.Model.Operators[step].Name;
        int code = Largest(form => form.CodeBytes), table = Largest(form => form.TableBytes), blob = Largest(form => form.CodeBytes + form.BlobBytes + form.TableBytes);
        if (CodeBytes > MaxCodeBytes)
        {
            throw new CodeGenException($"the smallest code takes {CodeBytes} bytes, an assembly of nanoFramework has room for {MaxCodeBytes} beside the library; "
                + $"most of it is layer {Name(code)} with {_chosen[code].CodeBytes} bytes. Train a narrower network.");
        }

        int tables = (_model.HasSlots ? 0 : _chosen.Sum(form => form.TableBytes)) + GoldenBytes + NanoPreprocessing.TableBytes(_model.Model);
        if (tables > MaxTableBytes)
        {
            throw new CodeGenException($"the tables take {tables} bytes, an assembly of nanoFramework has room for {MaxTableBytes}; " + (GoldenBytes > _chosen[table].TableBytes
                ? $"most of it is the input {_model.Model.Input.Name} of the golden vector with {GoldenBytes} bytes. Use a smaller picture."
                : $"most of it is layer {Name(table)} with {_chosen[table].TableBytes} bytes. Train a narrower network."));
        }

        if (FlashBytes > goal.MaxFlash)
        {
            throw new CodeGenException($"the smallest program takes {FlashBytes} bytes of flash where {goal.FlashLimit} allows {goal.MaxFlash}; most of it is layer {Name(blob)} "
                + $"with {_chosen[blob].CodeBytes + _chosen[blob].BlobBytes + _chosen[blob].TableBytes} bytes. Train a narrower network.");
        }

        int ram = RamBytes();
        if (ram > goal.MaxRam)
        {
            int most = Largest(form => OwnRam(form) + Activations(form));
            throw new CodeGenException($"the smallest program takes {ram} bytes of RAM where {goal.RamLimit} allows {goal.MaxRam}; layer {Name(most)} has the largest share: "
                + $"{Activations(_chosen[most])} bytes of input and output, {_chosen[most].ScratchBytes} of rows, {_chosen[most].Sums * sizeof(long)} of sums, "
                + $"{_chosen[most].TableBytes} of tables, {_chosen[most].ChunkBytes} of weights at a time, {_chosen[most].Locals * VariableBytes} of variables; "
                + $"the program's own input and output take {CallerBytes}. {Advice(_model.Model.Operators[most])}");
        }

        static string Advice(ModelOperator op) => op switch
        {
            FullyConnectedOp => "Use fewer outputs there, or fewer values before it.",
            Conv2DOp => "Use a smaller picture or fewer channels there.",
            _ => "Use a smaller picture, or fewer channels before it.",
        };

        int Activations(NanoForm form)
        {
            ModelOperator op = _model.Model.Operators[Array.IndexOf(_chosen, form)];
            return op.Inputs.Append(op.Output).Distinct().Where(t => _model.Info(t).Storage == TensorStorage.Arena).Sum(t => _model.Info(t).ByteLength);
        }
    }

    private (int Flash, int Ram) Limits(NanoGoal goal)
    {
        int flash = FlashBytes, ram = RamBytes();
        (int mostFlash, int mostRam) = goal.Optimize switch
        {
            COptimize.Speed => (int.MaxValue, int.MaxValue),
            COptimize.Size => (flash, ram),
            _ => (Math.Max((int)(flash * BalancedGrowth), flash + BalancedFlash), Math.Max((int)(ram * BalancedGrowth), ram + BalancedRam)),
        };
        return (Math.Min(mostFlash, goal.MaxFlash ?? int.MaxValue), Math.Min(mostRam, goal.MaxRam ?? int.MaxValue));
    }
}
