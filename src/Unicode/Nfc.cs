using System.Globalization;
using System.Text;

namespace Twite.Unicode;

/// <summary>Unicode's Normalization Form C (UAX 15). <c>string.Normalize</c> does nothing under invariant globalization, which this
/// program runs with so that it needs no ICU on the machine. Any thread may use it.</summary>
public static class Nfc
{
    private const int HangulBase = 0xAC00, HangulCount = 11_172;
    private const int LeadBase = 0x1100, LeadCount = 19;
    private const int VowelBase = 0x1161, VowelCount = 21;
    private const int TrailBase = 0x11A7, TrailCount = 28;

    // Nothing below is ever changed by composing.
    private const char FirstCombining = '\u0300';

    private static readonly Lazy<Tables> Data = new(Tables.Load);

    /// <summary>The text in NFC; the same string when it is already made of what cannot change.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    public static string Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange(FirstCombining, char.MaxValue) < 0)
        {
            return text;
        }
        return Recompose(text, static _ => true);
    }

    /// <summary>The text in NFC without accents (U+0300 to U+036F), for comparing: é is e.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    public static string WithoutAccents(string text) =>
        text.AsSpan().IndexOfAnyInRange('\u0080', char.MaxValue) < 0 ? text : Recompose(text, static code => code is < 0x0300 or > 0x036F);

    private static string Recompose(string text, Predicate<int> keep)
    {
        var codes = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, codes);
        }
        codes.RemoveAll(code => !keep(code));
        Reorder(codes);
        Compose(codes);
        var result = new StringBuilder(text.Length);
        foreach (var code in codes)
        {
            result.Append(new Rune(code).ToString());
        }
        return result.ToString();
    }

    private static void Decompose(int code, List<int> into)
    {
        if (code is >= HangulBase and < HangulBase + HangulCount)
        {
            var index = code - HangulBase;
            into.Add(LeadBase + (index / (VowelCount * TrailCount)));
            into.Add(VowelBase + (index % (VowelCount * TrailCount) / TrailCount));
            if (index % TrailCount > 0)
            {
                into.Add(TrailBase + (index % TrailCount));
            }
        }
        else if (Data.Value.Decompositions.TryGetValue(code, out var parts))
        {
            Decompose(parts.First, into);
            if (parts.Second != 0)
            {
                Decompose(parts.Second, into);
            }
        }
        else
        {
            into.Add(code);
        }
    }

    // Sorts each run of combining marks by their classes and keeps the order of equals.
    private static void Reorder(List<int> codes)
    {
        for (var i = 1; i < codes.Count; i++)
        {
            var code = codes[i];
            var combining = ClassOf(code);
            if (combining == 0)
            {
                continue;
            }
            var j = i;
            for (; j > 0 && ClassOf(codes[j - 1]) > combining; j--)
            {
                codes[j] = codes[j - 1];
            }
            codes[j] = code;
        }
    }

    private static void Compose(List<int> codes)
    {
        var (starter, last, end) = (-1, -1, 0);
        for (var i = 0; i < codes.Count; i++)
        {
            var code = codes[i];
            var combining = ClassOf(code);
            // What stands between a starter and a mark blocks it unless its class is lower.
            if (starter >= 0 && (last < combining || last == -1) && FindPair(codes[starter], code) is { } pair)
            {
                codes[starter] = pair;
                continue;
            }
            codes[end++] = code;
            if (combining == 0)
            {
                (starter, last) = (end - 1, -1);
            }
            else
            {
                last = combining;
            }
        }
        codes.RemoveRange(end, codes.Count - end);
    }

    private static int? FindPair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + LeadCount && second is >= VowelBase and < VowelBase + VowelCount)
        {
            return HangulBase + ((((first - LeadBase) * VowelCount) + (second - VowelBase)) * TrailCount);
        }
        if (first is >= HangulBase and < HangulBase + HangulCount && (first - HangulBase) % TrailCount == 0
            && second is > TrailBase and < TrailBase + TrailCount)
        {
            return first + (second - TrailBase);
        }
        return Data.Value.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static int ClassOf(int code) => code < FirstCombining ? 0 : Data.Value.Classes.GetValueOrDefault(code);

    private sealed class Tables
    {
        public Dictionary<int, (int First, int Second)> Decompositions { get; } = [];

        public Dictionary<(int First, int Second), int> Compositions { get; } = [];

        public Dictionary<int, byte> Classes { get; } = [];

        public static Tables Load()
        {
            var tables = new Tables();
            using var reader = new StreamReader(typeof(Nfc).Assembly.GetManifestResourceStream("nfc.txt")!);
            while (reader.ReadLine() is { } line)
            {
                var words = line.Split(' ');
                if (line[0] == '@')
                {
                    tables.AddClass(byte.Parse(words[0].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture), words.AsSpan(1));
                }
                else if (line[0] != '#')
                {
                    tables.AddDecomposition(words);
                }
            }
            return tables;
        }

        private void AddDecomposition(string[] words)
        {
            var composes = words[1][0] != '!';
            var code = Hex(words[0]);
            var parts = (Hex(words[1].AsSpan(composes ? 0 : 1)), words.Length > 2 ? Hex(words[2]) : 0);
            Decompositions.Add(code, parts);
            if (composes)
            {
                Compositions.Add(parts, code);
            }
        }

        private void AddClass(byte combining, ReadOnlySpan<string> ranges)
        {
            foreach (var range in ranges)
            {
                var dash = range.IndexOf('-', StringComparison.Ordinal);
                var last = Hex(range.AsSpan(dash + 1));
                for (var code = dash < 0 ? last : Hex(range.AsSpan(0, dash)); code <= last; code++)
                {
                    Classes.Add(code, combining);
                }
            }
        }

        private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
