using TorchSharp;
using static TorchSharp.torch;

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

    /// <summary>The sum.</summary>
    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, One);

    /// <summary>The sum with a whole number.</summary>
    public static Tensor Plus(this Tensor tensor, long number)
    {
        using Scalar other = number;
        return tensor.add(other, One);
    }
}
