namespace EdgeConv.Converters.Networks;

/// <summary>A network cannot be: the message says what was found, what was expected and what to do.</summary>
public class NetworkException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Index of the layer at fault, where one is.</summary>
    public int? Layer { get; init; }
}

/// <summary>There is no network of that name, or it does not have an option that was asked for: a mistake on the command line.</summary>
public sealed class UnknownNetworkException(string message) : NetworkException(message);
