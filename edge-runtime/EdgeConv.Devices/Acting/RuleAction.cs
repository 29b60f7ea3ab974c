using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>What a rule does. All is called on the watcher's thread: it neither waits nor throws.</summary>
internal abstract class RuleAction : IDisposable
{
    /// <summary>The rule holds from now on.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>The rule holds no longer.</summary>
    public virtual void End()
    {
    }

    /// <summary>The rule acts.</summary>
    /// <param name="what">On what.</param>
    /// <param name="picture">The frame, during the call only; null where no frames come.</param>
    public virtual void Act(ActionEvent what, in Picture? picture)
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
