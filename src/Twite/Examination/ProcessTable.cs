using System.Globalization;

namespace Twite.Examination;

/// <summary>Who has what open on this machine, as Linux's /proc tells; knows nothing elsewhere, and nothing of processes of others unless it is run
/// by root. A picture of one moment.</summary>
internal sealed class ProcessTable
{
    private readonly Dictionary<string, int> _openedBy = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _listenerByPort = [];
    private readonly Dictionary<int, string> _receiverByPort = [];

    private ProcessTable()
    {
    }

    /// <summary>Looks at it now.</summary>
    public static ProcessTable Read()
    {
        var table = new ProcessTable();
        if (Directory.Exists("/proc/self"))
        {
            table.ReadProcesses();
            const string Listening = "0A";
            const string Unconnected = "07";
            ReadSockets("/proc/net/tcp", Listening, table._listenerByPort);
            ReadSockets("/proc/net/tcp6", Listening, table._listenerByPort);
            ReadSockets("/proc/net/udp", Unconnected, table._receiverByPort);
            ReadSockets("/proc/net/udp6", Unconnected, table._receiverByPort);
        }
        return table;
    }

    /// <summary>Who listens on a port: its process id and command line; null when nobody does, or nobody knows.</summary>
    /// <param name="port">The port.</param>
    /// <param name="isDatagram">Whether of UDP; of TCP otherwise.</param>
    public (int Process, string CommandLine)? HolderOf(int port, bool isDatagram) =>
        (isDatagram ? _receiverByPort : _listenerByPort).TryGetValue(port, out var socket) && _openedBy.TryGetValue(socket, out var process) ? (process, CommandLineOf(process)) : null;

    /// <summary>Who has a file open; null when nobody does, or nobody knows.</summary>
    public (int Process, string CommandLine)? HolderOf(string path) =>
        _openedBy.TryGetValue(Path.GetFullPath(path), out var process) ? (process, CommandLineOf(process)) : null;

    private void ReadProcesses()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process) || process == Environment.ProcessId)
            {
                continue;
            }
            try
            {
                foreach (var opened in new DirectoryInfo(Path.Combine(folder, "fd")).EnumerateFiles())
                {
                    if (opened.LinkTarget is { } target)
                    {
                        _openedBy[target] = process;
                    }
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It has just ended, or is somebody else's.
            }
        }
    }

    private static void ReadSockets(string file, string state, Dictionary<int, string> byPort)
    {
        if (!File.Exists(file))
        {
            return;
        }
        foreach (var columns in File.ReadLines(file).Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(c => c.Length > 9 && c[3] == state))
        {
            var port = int.Parse(columns[1][(columns[1].IndexOf(':') + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            byPort[port] = $"socket:[{columns[9]}]";
        }
    }

    private static string CommandLineOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").TrimEnd('\0').Replace('\0', ' ');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
