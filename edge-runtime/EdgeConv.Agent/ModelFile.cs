using EdgeConv.Devices.Updating;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Agent;

/// <summary>Model files that the user named: the message about a damaged one says which.</summary>
internal static class ModelFile
{
    /// <summary>Opens it: mapped, where nobody asks who signed it and it is no package.</summary>
    /// <param name="file">A model or a package.</param>
    /// <param name="trust">Whose models run.</param>
    /// <exception cref="FailureException">It is no model.</exception>
    /// <exception cref="PackageException">It is not as it was signed, or nobody signed it.</exception>
    public static Model Open(string file, Trust trust) => Named(file, () =>
        trust.IsDemanding || SignedModel.IsPackage(file) ? Model.Load(SignedModel.Read(file, trust).Bytes.Span) : Model.Open(file));

    /// <summary>The same by the keys of the command line.</summary>
    public static Model Open(string file, Arguments arguments) =>
        Open(file, arguments.Option("--key") is { } key ? Trust.Open([key]) : Trust.Everybody);

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
