namespace EdgeConv.Runtime.Format;

/// <summary>Writes a model file; the layout is FORMAT.md beside this file.</summary>
public static class ModelWriter
{
    /// <summary>The bytes of the file. The same specification gives the same bytes.</summary>
    /// <exception cref="ArgumentException">The specification contradicts itself.</exception>
    public static byte[] Write(ModelSpec spec) => throw new NotImplementedException();
}
