namespace EdgeConv.Fuzz;

/// <summary>What is to be done, for the supervisor in all and for a worker in one go.</summary>
/// <param name="Loader">Its name.</param>
/// <param name="Count">Mutated files.</param>
/// <param name="Seed">Of all that is random.</param>
/// <param name="Corpus">Folder of the files that are mutated; null for one of the supervisor's own.</param>
/// <param name="Findings">Folder for files that break the contract.</param>
internal sealed record Job(string Loader, int Count, int Seed, string? Corpus, string Findings);
