namespace EdgeConv.Converters;

/// <summary>A network cannot be converted with what was given; the message says what was found, what was expected and what to do.</summary>
public sealed class ConversionException(string message) : Exception(message);
