using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Data;

/// <summary>Labelled pictures, read one at a time.</summary>
public interface IDataSet
{
    /// <summary>For messages.</summary>
    string Name { get; }

    /// <summary>Class names, in the order of the labels.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>Number of pictures.</summary>
    int Count { get; }

    /// <summary>Class of a picture, without decoding it.</summary>
    int Label(int index);

    /// <summary>A picture. Safe to call from several threads.</summary>
    /// <exception cref="DataSetException">The picture does not decode; the message names the file.</exception>
    Picture Load(int index);
}

/// <summary>Which part of a data set.</summary>
public enum Split
{
    /// <summary>For training and calibration.</summary>
    Train,

    /// <summary>For reporting accuracy.</summary>
    Test,
}

/// <summary>A data set is missing, empty or broken; the message says what was looked for, where, and what to do.</summary>
public sealed class DataSetException(string message, Exception? inner = null) : Exception(message, inner);
