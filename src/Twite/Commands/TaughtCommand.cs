using System.CommandLine;

namespace Twite.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class TaughtCommand(string name, string description) : Command(name, description)
{
    /// <summary>What to type, and what it does.</summary>
    public required IReadOnlyList<(string Line, string Meaning)> Examples { get; init; }
}
