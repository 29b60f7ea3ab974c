namespace EdgeConv.Agent.Configuring;

/// <summary>How far a word is from another: for what somebody may have meant. The desktop's command line guesses by the same.</summary>
internal static class WordDistance
{
    /// <summary>Letters to add, drop or change between two words (Levenshtein), one row at a time.</summary>
    public static int Between(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
