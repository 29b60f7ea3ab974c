namespace EdgeConv.Trainer.Training;

/// <summary>
/// Learning rate: a straight rise, then half a cosine down to zero. Source: Loshchilov, Hutter, "SGDR" (2017), without restarts.
/// </summary>
/// <param name="peak">The highest.</param>
/// <param name="steps">Steps in all.</param>
/// <param name="warmUp">Part of the steps in which it rises.</param>
public sealed class Schedule(double peak, long steps, double warmUp)
{
    /// <summary>The rate of a step, counted from 0.</summary>
    public double Rate(long step)
    {
        double rise = warmUp * steps;
        return step < rise
            ? peak * (step + 1) / (rise + 1)
            : peak * 0.5 * (1 + Math.Cos(Math.PI * (step - rise) / (steps - rise)));
    }
}
