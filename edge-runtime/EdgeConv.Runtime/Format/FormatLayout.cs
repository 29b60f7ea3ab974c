namespace EdgeConv.Runtime.Format;

/// <summary>Numbers of FORMAT.md, shared by reader and writer. All integers are little-endian, all offsets count from the file's first byte.</summary>
internal static class FormatLayout
{
    public const ushort Version = 1;

    /// <summary>Rounding rule 1: SQRDMULH, then a rounding right shift with ties away from zero.</summary>
    public const ushort TwoRoundings = 1;

    public const int HeaderBytes = 128;
    public const int TensorBytes = 48;
    public const int OperatorBytes = 128;
    public const int OperatorArguments = 29;
    public const int StringRefBytes = 8;
    public const int GoldenBytes = 16;
    public const int PreprocessingHeaderBytes = 16;
    public const int ConstantAlignment = 16;

    /// <summary>More than any network for a small board has; keeps the checks of a hostile file quick.</summary>
    public const int MaxTensors = 16384;

    /// <summary>As many as tensors, since each operator writes one.</summary>
    public const int MaxOperators = MaxTensors;

    /// <summary>Labels, and pairs of metadata; a text takes more memory than its few bytes in the file.</summary>
    public const int MaxTexts = 32768;

    /// <summary>Golden vectors; they may share their bytes, but not their memory.</summary>
    public const int MaxGoldenVectors = 1024;

    /// <summary>Weights that layers may read in all, when they share them; up to eight times the file's length is always allowed.</summary>
    public const long MaxSharedWeights = 1 << 26;

    /// <summary>Largest arena, 1 GiB.</summary>
    public const int MaxArenaBytes = 1 << 30;

    /// <summary>Largest kernel, stride, dilation or padding; keeps all window arithmetic inside int32.</summary>
    public const int MaxWindowField = 32767;

    /// <summary>Pixels in a mean: this many bytes, and half their number for rounding, still fit an int32 sum.</summary>
    public const int MaxMeanTaps = 1 << 23;

    /// <summary>The same for int16.</summary>
    public const int MaxWideMeanTaps = 65535;

    public static ReadOnlySpan<byte> Magic => "EDGECONV"u8;

    /// <summary>Header fields.</summary>
    public static class Header
    {
        public const int Version = 8;
        public const int RoundingRule = 10;
        public const int TotalLength = 16;
        public const int Crc = 20;
        public const int ArenaBytes = 24;
        public const int Input = 28;
        public const int Output = 32;
        public const int Tensors = 40;
        public const int Operators = 48;
        public const int Strings = 56;
        public const int Labels = 64;
        public const int Metadata = 72;
        public const int Preprocessing = 80;
        public const int Golden = 88;
        public const int Constants = 96;
        public const int Signature = 104;
        public const int Name = 112;
    }

    /// <summary>Fields of a tensor record.</summary>
    public static class Tensor
    {
        public const int Name = 0;
        public const int Type = 8;
        public const int Storage = 9;
        public const int Rank = 10;
        public const int Dimensions = 12;
        public const int Scale = 28;
        public const int ZeroPoint = 32;
        public const int Offset = 36;
        public const int ByteLength = 40;
    }

    /// <summary>Fields of an operator record.</summary>
    public static class Operator
    {
        public const int Name = 0;
        public const int Code = 8;
        public const int ArgumentCount = 10;
        public const int Arguments = 12;
    }

    /// <summary>The checksum of a file: CRC-32C over all of it with the checksum's own four bytes as zeros.</summary>
    public static uint Checksum(ReadOnlySpan<byte> file)
    {
        uint crc = Crc32C.Compute(file[..Header.Crc]);
        crc = Crc32C.Compute([0, 0, 0, 0], crc);
        return Crc32C.Compute(file[(Header.Crc + 4)..], crc);
    }
}
