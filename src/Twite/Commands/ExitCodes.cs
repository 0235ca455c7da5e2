namespace Twite.Commands;

/// <summary>What the program ends with; part of its interface, shown by <c>twite --help</c>.</summary>
internal static class ExitCodes
{
    /// <summary>Done, or stopped as asked.</summary>
    public const int Ok = 0;

    /// <summary>It could not be done; the message says why.</summary>
    public const int Failed = 1;

    /// <summary>It was asked for wrongly: the command line, a topology, a setting or an input file.</summary>
    public const int Usage = 2;
}
