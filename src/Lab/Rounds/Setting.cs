using Twite.Lab.Processes;

namespace Twite.Lab.Rounds;

/// <summary>What every scene of a comparison works with. Immutable.</summary>
/// <param name="Plan">How long and how often.</param>
/// <param name="Workers">Starts processes.</param>
/// <param name="Seed">Of everything that is random.</param>
/// <param name="Folder">A directory for keys and databases, removed afterwards.</param>
/// <param name="Time">The clock.</param>
internal sealed record Setting(Plan Plan, IWorkers Workers, long Seed, string Folder, TimeProvider Time)
{
    /// <summary>The folder of <see cref="MakeKeys"/>.</summary>
    public string Keys => Path.Combine(Folder, "keys");
}
