using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;

namespace Twite.Seeding;

/// <summary>A line of an input file that cannot be used. The message names the file and the line.</summary>
internal sealed class InputLineException(string file, long line, string problem) : Exception($"{file}, line {line:N0}: {problem}");

/// <summary>A text file that is read line by line, plain or compressed (.gz), in bounded memory, and knows how far it is. One reader at a
/// time.</summary>
internal sealed class InputFile : IDisposable
{
    // Enough for any message or pair of names; a longer line means a wrong file, not a reason to take memory.
    private const int MaxLineChars = 16_384;

    private readonly FileStream _file;

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It does not exist or cannot be read.</exception>
    public InputFile(string path)
    {
        Path = path;
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file {path}.");
        }
        _file = File.OpenRead(path);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>How much has been read, 0 to 1; of the compressed bytes for a compressed file.</summary>
    public double Fraction => _file.Length == 0 ? 1 : (double)_file.Position / _file.Length;

    /// <summary>The lines with their numbers, from 1.</summary>
    /// <exception cref="InputLineException">A line is too long, or the compressed data is damaged there.</exception>
    public async IAsyncEnumerable<(long Number, string Text)> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _file.Position = 0;
        await using var unpacked = Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(_file, CompressionMode.Decompress, leaveOpen: true)
            : null;
        using var reader = new StreamReader((Stream?)unpacked ?? _file, Encoding.UTF8, leaveOpen: true);
        var block = new char[32_768];
        var line = new StringBuilder();
        long number = 1;
        for (var count = await ReadAsync(reader, block, number, cancellationToken); count > 0; count = await ReadAsync(reader, block, number, cancellationToken))
        {
            var start = 0;
            for (var end = Array.IndexOf(block, '\n', 0, count); end >= 0; end = Array.IndexOf(block, '\n', start, count - start))
            {
                line.Append(block, start, end - start);
                yield return (number++, Take(line));
                start = end + 1;
            }
            line.Append(block, start, count - start);
            if (line.Length > MaxLineChars)
            {
                throw new InputLineException(Path, number, $"the line has more than {MaxLineChars:N0} characters; no line of such a file is that long.");
            }
        }
        if (line.Length > 0)
        {
            yield return (number, Take(line));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static string Take(StringBuilder line)
    {
        var text = line.ToString().TrimEnd('\r');
        line.Clear();
        return text;
    }

    private async ValueTask<int> ReadAsync(StreamReader reader, char[] block, long number, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(block.AsMemory(), cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw new InputLineException(Path, number, "the compressed data is damaged from about here on.");
        }
    }
}
