namespace Twite.Supervision;

/// <summary>Takes the lines of a process's stream to a log until it ends.</summary>
internal static class LogCopy
{
    /// <summary>Starts it; it ends well, whatever the log does.</summary>
    public static Task StartAsync(TextReader lines, Action<string> log) => Task.Run(async () =>
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            try
            {
                log(line);
            }
            catch (Exception)
            {
                // A full disk costs the line. Were the next ones not read, the process would stop at a full pipe, and there is nobody left to tell.
            }
        }
    });
}
