using System.Text.Json;
using Grpc.Core;
using Twite.Seeding;
using Twite.Storage;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary>What went wrong, as people should hear it.</summary>
/// <param name="ExitCode">What the program ends with.</param>
/// <param name="Message">One sentence or two: what happened, to what, what to do.</param>
internal sealed record Failure(int ExitCode, string Message)
{
    /// <summary>Puts an error in people's words. What nobody foresaw says so and where to look.</summary>
    public static Failure Of(Exception error) => error switch
    {
        FailureException known => known.Failure,
        UsageException or TopologyException or InputLineException or FileNotFoundException or FormatException or PlatformNotSupportedException => new(ExitCodes.Usage, error.Message),
        JsonException => new(ExitCodes.Usage, $"The settings cannot be understood: {error.Message}"),
        InvalidDataException => new(ExitCodes.Usage, $"A file cannot be understood: {error.Message}"),
        StorageException => new(ExitCodes.Failed, error.Message),
        RpcException rpc => new(ExitCodes.Failed, rpc.Status.Detail.Length > 0 ? rpc.Status.Detail : $"A call between services failed ({rpc.StatusCode})."),
        OperationCanceledException => new(ExitCodes.Failed, "Stopped before it was done. Run it again to go on where it was."),
        IOException or UnauthorizedAccessException or RefusedMessageException => new(ExitCodes.Failed, error.Message),
        _ => new(ExitCodes.Failed, $"That should not have happened: {error.Message} Run it again with --verbose for the details."),
    };
}

/// <summary>Ends a command with what is known to have gone wrong.</summary>
internal sealed class FailureException(Failure failure) : Exception(failure.Message)
{
    /// <summary>What went wrong.</summary>
    public Failure Failure => failure;
}
