using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Agent;

/// <summary>Model files that the user named: the message about a damaged one says which.</summary>
internal static class ModelFile
{
    /// <summary>Opens it, mapped.</summary>
    /// <exception cref="FailureException">It is no model.</exception>
    public static Model Open(string file) => Named(file, () => Model.Open(file));

    /// <summary>What comes of a file.</summary>
    /// <exception cref="FailureException">It is no model.</exception>
    public static T Named<T>(string file, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (ModelFormatException error)
        {
            throw new FailureException($"{file}: {error.Message}");
        }
    }
}
