namespace EdgeConv.Converters.TfLite;

/// <summary>An operator that this tool cannot take over.</summary>
/// <param name="Index">Its place in the file, from 0.</param>
/// <param name="Operator">TFLite's name for it.</param>
/// <param name="Location">The name of the tensor that it writes.</param>
/// <param name="Reason">What about it: the attribute or input, its value, and what is supported.</param>
public sealed record UnsupportedOperator(int Index, string Operator, string Location, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Operator} #{Index} '{Location}': {Reason}";
}

/// <summary>The file is not a TFLite network that this tool can take; the message lists every operator that stands in the way.</summary>
public sealed class TfLiteImportException : Exception
{
    /// <summary>The file as a whole is wrong.</summary>
    public TfLiteImportException(string message, Exception? inner = null)
        : base(message, inner)
    {
        UnsupportedOperators = [];
    }

    /// <summary>Some operators cannot be taken over.</summary>
    public TfLiteImportException(string file, IReadOnlyList<UnsupportedOperator> operators)
        : base($"{file}: {(operators.Count == 1 ? "an operator is" : $"{operators.Count} operators are")} not supported. Convert the network "
            + $"without, or replace:{string.Concat(operators.Select(o => $"{Environment.NewLine}  {o}"))}")
    {
        UnsupportedOperators = operators;
    }

    /// <summary>Every unsupported operator, in the order of the file; empty when the file itself is broken.</summary>
    public IReadOnlyList<UnsupportedOperator> UnsupportedOperators { get; }
}

/// <summary>Thrown by an import function; the reader collects it with the operator's name.</summary>
internal sealed class UnsupportedOperatorException(string reason) : Exception(reason);
