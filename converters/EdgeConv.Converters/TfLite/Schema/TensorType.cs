namespace EdgeConv.Converters.TfLite.Schema;

/// <summary>Element types of TFLite that mean something here; others keep their number.</summary>
internal enum TensorType
{
    Float32 = 0,
    Float16 = 1,
    Int32 = 2,
    UInt8 = 3,
    Int64 = 4,
    Bool = 6,
    Int16 = 7,
    Int8 = 9,
    Int4 = 17,
}
