namespace EdgeConv.Trainer.Parts;

/// <summary>How the parts of a batch work together: sums over each of which all see the total, and work that is done in their order.</summary>
internal sealed class Exchange
{
    private readonly object _gate = new();
    private int _next;
    private bool _broken;

    /// <summary>The last sums of all parts, added in the order of the parts, whichever was ready first.</summary>
    public double[] Total { get; private set; } = [];

    /// <summary>Adds what each part said.</summary>
    public void Add(IReadOnlyList<double[]> said)
    {
        var total = new double[said[0].Length];
        foreach (double[] part in said)
            for (int i = 0; i < total.Length; i++) total[i] += part[i];
        Total = total;
    }

    /// <summary>Waits until the parts before have done the same, so that sums are added in one order, and few are held at a time.</summary>
    /// <exception cref="OperationCanceledException">Another part has failed.</exception>
    public void InTurn(int part, Action action)
    {
        lock (_gate)
        {
            while (_next != part && !_broken) Monitor.Wait(_gate);
            if (_broken) throw new OperationCanceledException();
            action();
            _next++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>A part has failed: nobody waits for it.</summary>
    public void Break()
    {
        lock (_gate)
        {
            _broken = true;
            Monitor.PulseAll(_gate);
        }
    }
}
