namespace EdgeConv.Converters.CodeGen;

/// <summary>A file of a generated project.</summary>
/// <param name="Path">Relative to the project's folder, with /.</param>
/// <param name="Text">UTF-8, lines end in \n; empty where <paramref name="Binary"/> is not.</param>
/// <param name="Binary">The bytes of a file that is no text.</param>
public sealed record CodeFile(string Path, string Text, byte[]? Binary = null);

/// <summary>A model, or a part of it, has no form in the language that was asked for.</summary>
public sealed class CodeGenException(string message) : Exception(message);
