namespace EdgeConv.Devices.Updating;

/// <summary>Where a package comes in, from the command line, deploy or a fleet's server: everything about it is checked before it may run.</summary>
public interface IUpdateGate
{
    /// <summary>
    /// Puts a package into the idle slot, checks it there (PACKAGE.md has the order), and makes it the one that runs next, on trial. Takes as long as the
    /// model's golden vectors and frames do; one at a time, also among processes. What is refused leaves everything as it was.
    /// </summary>
    /// <param name="packagePath">Read only; may be deleted afterwards.</param>
    /// <returns>Never a throw for what is wrong with the package.</returns>
    /// <exception cref="IOException">The slots cannot be written: a full disk, a lost card.</exception>
    /// <exception cref="UnauthorizedAccessException">The slots may not be written.</exception>
    UpdateResult Accept(string packagePath);

    /// <summary>What the slots hold now: how a trial goes on or ended. Cheap; to be asked again after a restart too.</summary>
    /// <exception cref="IOException">The slots cannot be read.</exception>
    SlotStatus Status();
}
