namespace EdgeConv.Trainer.Training;

/// <summary>How the learning rate falls after its rise.</summary>
public enum ScheduleShape
{
    /// <summary>Half a cosine. Source: Loshchilov, Hutter, "SGDR" (2017), without restarts.</summary>
    Cosine,

    /// <summary>A straight line.</summary>
    Linear,
}

/// <summary>Learning rate: a straight rise, then down to zero.</summary>
/// <param name="peak">The highest.</param>
/// <param name="steps">Steps in all.</param>
/// <param name="warmUp">Part of the steps in which it rises.</param>
/// <param name="shape">How it falls.</param>
public sealed class Schedule(double peak, long steps, double warmUp, ScheduleShape shape = ScheduleShape.Cosine)
{
    /// <summary>The rate of a step, counted from 0.</summary>
    public double Rate(long step)
    {
        double rise = warmUp * steps;
        if (step < rise) return peak * (step + 1) / (rise + 1);
        double passed = (step - rise) / (steps - rise);
        return peak * (shape == ScheduleShape.Cosine ? 0.5 * (1 + Math.Cos(Math.PI * passed)) : 1 - passed);
    }
}
