using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// The form that each layer takes on each kind of processor. It begins with the smallest form of each, then takes faster ones, the layer that gains
/// most first, as long as flash and RAM stay within what the goal allows.
/// </summary>
internal sealed class LayerPlan
{
    private const double BalancedGrowth = 1.25;
    private const int BalancedFlash = 6 * 1024, BalancedRam = 1024;

    private readonly Dictionary<Extension, LayerForm[]> _chosen = [];
    private readonly IReadOnlyList<LayerWay>[] _ways;
    private readonly Model _model;

    /// <param name="model">The model.</param>
    /// <param name="goal">What it is to be best at.</param>
    /// <exception cref="CodeGenException">Even the smallest forms do not fit; the message names the layer.</exception>
    public LayerPlan(CModel model, CGoal goal)
    {
        _model = model.Model;
        _ways = [.. _model.Operators.Select(op => LayerWays.Of(model, op))];
        foreach (Extension extension in goal.Extensions)
        {
            _chosen[extension] = Choose(extension, goal);
        }

        Arena = CArena.Plan(_model, [.. Enumerable.Range(0, _ways.Length).Select(step => Needs([.. _chosen.Values.Select(forms => forms[step])]))]);
    }

    /// <summary>The kinds of processors that there are forms for, the plainest first.</summary>
    public IEnumerable<Extension> Extensions => _chosen.Keys;

    /// <summary>Where everything lies.</summary>
    public CArena Arena { get; }

    /// <summary>The form of a step.</summary>
    public LayerForm Form(Extension extension, int step) => _chosen[extension][step];

    /// <summary>All that was looked at for a step on a kind of processor.</summary>
    public IEnumerable<LayerWay> Ways(Extension extension, int step) => _ways[step].Where(way => way.Needs <= extension);

    /// <summary>Bytes of tables.</summary>
    public int TableBytes(Extension extension) => _chosen[extension].Sum(form => form.TableBytes);

    /// <summary>Flash that is not tables, about.</summary>
    public int CodeBytes => _model.Operators.Count * CodeEstimate.Layer + CodeEstimate.Rest(_model);

    private LayerForm[] Choose(Extension extension, CGoal goal)
    {
        LayerForm[][] forms = [.. _ways.Select(ways => ways.OfType<LayerForm>().Where(form => form.Needs <= extension).ToArray())];
        LayerForm[] chosen = [.. forms.Select(of => of.MinBy(form => (form.TableBytes + form.ScratchBytes, form.Instructions))!)];
        int flash = Flash(chosen), ram = Ram(chosen);
        (int mostFlash, int mostRam) = Limits(goal, flash, ram);
        if (ram > goal.MaxRam)
        {
            throw new CodeGenException(TooMuchRam(chosen, ram, goal.MaxRam.Value));
        }

        if (flash > goal.MaxFlash)
        {
            int most = Enumerable.Range(0, chosen.Length).MaxBy(step => chosen[step].TableBytes);
            throw new CodeGenException($"the smallest C takes {flash} bytes of flash where --max-flash allows {goal.MaxFlash}; most of it is {_model.Operators[most].Name} "
                + $"with {chosen[most].TableBytes} bytes of weights. Train a narrower network, or convert with int4 weights (--int4).");
        }

        // A step's faster forms, until one fits; those that gain most have the first choice.
        foreach ((int step, LayerForm form) in Enumerable.Range(0, forms.Length)
            .SelectMany(step => forms[step].Select(form => (Step: step, Form: form)))
            .OrderBy(o => o.Form.Instructions - chosen[o.Step].Instructions).ToArray())
        {
            if (form.Instructions < chosen[step].Instructions)
            {
                LayerForm before = chosen[step];
                chosen[step] = form;
                if (Flash(chosen) > mostFlash || Ram(chosen) > mostRam)
                {
                    chosen[step] = before;
                }
            }
        }

        return chosen;
    }

    private static (int Flash, int Ram) Limits(CGoal goal, int flash, int ram)
    {
        (int mostFlash, int mostRam) = goal.Optimize switch
        {
            COptimize.Speed => (int.MaxValue, int.MaxValue),
            COptimize.Size => (flash, ram),
            _ => (Math.Max((int)(flash * BalancedGrowth), flash + BalancedFlash), Math.Max((int)(ram * BalancedGrowth), ram + BalancedRam)),
        };
        return (Math.Min(mostFlash, goal.MaxFlash ?? int.MaxValue), Math.Min(mostRam, goal.MaxRam ?? int.MaxValue));
    }

    private string TooMuchRam(LayerForm[] chosen, int ram, int allowed)
    {
        int most = Enumerable.Range(0, chosen.Length).MaxBy(step => chosen[step].ScratchBytes
            + _model.Operators[step].Inputs.Append(_model.Operators[step].Output).Distinct().Sum(tensor => _model.Tensors[tensor].ByteLength));
        return $"the smallest arena takes {ram} bytes where --max-ram allows {allowed}; {_model.Operators[most].Name} needs its input, its output"
            + $"{(chosen[most].ScratchBytes > 0 ? $" and {chosen[most].ScratchBytes} bytes of rows" : "")} at the same time. Use a smaller picture or fewer channels there.";
    }

    private int Flash(IEnumerable<LayerForm> forms) => forms.Sum(form => form.TableBytes) + CodeBytes;

    private int Ram(LayerForm[] forms) => CArena.Plan(_model, [.. forms.Select(form => Needs(form))], thorough: false).Bytes;

    private static LayerNeeds Needs(params LayerForm[] forms) => new(
        forms.Max(form => form.ScratchBytes), forms.Any(form => form.Below is null) ? null : forms.Max(form => form.Below));
}
