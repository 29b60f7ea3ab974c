namespace EdgeConv.Converters.Augmentation;

/// <summary>What suits a data set: what cannot happen to a kind of picture must not be learnt. Digits are not mirrored, clothes are.</summary>
public static class AugmentationDefaults
{
    /// <summary>For written characters.</summary>
    public const string Handwriting = "handwriting";

    /// <summary>For photos of which nothing is known.</summary>
    public const string Photos = "rotate=10 scale=0.1 shift=0.08 color=10 brightness=20";

    /// <summary>Words of <see cref="AugmentationPlan"/> for a data set that has a name; null for others.</summary>
    /// <param name="data">Name or path.</param>
    public static string? For(string data) => data.Split('@')[0].ToLowerInvariant() switch
    {
        "mnist" => Handwriting,
        "fashion-mnist" => "flip crop=2",
        "cifar10" => "flip crop=4",
        "sign-digits" => Photos,
        _ => null,
    };
}
