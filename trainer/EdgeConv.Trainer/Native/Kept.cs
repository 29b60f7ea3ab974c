using TorchSharp;

namespace EdgeConv.Trainer.Native;

/// <summary>
/// Numbers for libtorch that live as long as the program. One that is converted on the spot may be collected while libtorch still reads it; an
/// addition of two tensors has such a one inside, its factor of 1, unless it is given.
/// </summary>
internal static class Kept
{
    /// <summary>1, for tensors of every type.</summary>
    public static Scalar One { get; } = 1;

    /// <summary>0.</summary>
    public static Scalar Zero { get; } = 0;
}
