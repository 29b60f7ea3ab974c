namespace EdgeConv.Converters.Networks;

/// <summary>A network that can be had by name.</summary>
/// <param name="Name">What the user types.</param>
/// <param name="Summary">What it is, in a line.</param>
/// <param name="Create">Its layers.</param>
public sealed record KnownNetwork(string Name, string Summary, Func<NetworkOptions, NetworkDescription> Create);

/// <summary>Networks by name.</summary>
public static class KnownNetworks
{
    /// <summary>All of them, in the order of the list for people.</summary>
    public static IReadOnlyList<KnownNetwork> All { get; } =
        [.. LeNets.All, .. SmallNetworks.All, .. AlexNets.All, .. VggNetworks.All];

    /// <summary>What <see cref="Create(string, NetworkOptions)"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(network => network.Name)];

    /// <summary>Whether there is a network of that name.</summary>
    public static bool Has(string name) => Find(name) != null;

    /// <exception cref="UnknownNetworkException">The name is unknown; the message lists the known ones.</exception>
    public static KnownNetwork Get(string name) => Find(name) ?? throw new UnknownNetworkException(
        $"Unknown model '{name}'. Known: {string.Join(", ", Names)}; or a file that describes one, NAME.net.");

    /// <summary>A network as it is known, for a number of classes.</summary>
    /// <exception cref="UnknownNetworkException">The name is unknown; the message lists the known ones.</exception>
    public static NetworkDescription Create(string name, int classes) => Create(name, new NetworkOptions { Classes = classes });

    /// <summary>A network with choices.</summary>
    /// <exception cref="UnknownNetworkException">The name is unknown, or the network has no such option.</exception>
    /// <exception cref="NetworkException">The layers do not fit the chosen size.</exception>
    public static NetworkDescription Create(string name, NetworkOptions options)
    {
        KnownNetwork known = Get(name);
        if (options.ConnectionTable && !LeNets.HasTable(known))
            throw new UnknownNetworkException($"--connection-table belongs to lenet5-1998; {known.Name} has none.");
        NetworkDescription network = NetworkScaling.Apply(known.Create(options), options.Factor);
        network.Place();
        return network;
    }

    /// <summary>A known network, or the one that a file describes.</summary>
    /// <param name="nameOrPath">A name, or a path that ends in .net.</param>
    /// <param name="options">Choices.</param>
    /// <exception cref="NetworkException">There is none, or it does not fit the choices.</exception>
    public static NetworkDescription Open(string nameOrPath, NetworkOptions options) => IsFile(nameOrPath)
        ? NetworkParser.Read(nameOrPath, options)
        : Create(nameOrPath, options);

    /// <summary>Whether this is the path of a file that describes a network.</summary>
    public static bool IsFile(string nameOrPath) => nameOrPath.EndsWith(NetworkParser.Extension, StringComparison.OrdinalIgnoreCase);

    private static KnownNetwork? Find(string name) => All.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
