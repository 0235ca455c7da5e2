using System.CommandLine;

namespace Twite.Commands;

/// <summary>The command line: one verb per thing that people do with the program.</summary>
internal static class TwiteCommand
{
    /// <summary>The whole command line, with its help.</summary>
    public static RootCommand Create() =>
        new("Twite: a social network for messages of 141 characters, in one program.");
}
