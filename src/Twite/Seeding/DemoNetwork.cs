using System.Collections.Immutable;

namespace Twite.Seeding;

/// <summary>Somebody of a demonstration network.</summary>
internal readonly record struct DemoPerson(string Name, string DisplayName, string Biography);

/// <summary>A message of a demonstration network.</summary>
/// <param name="Author">The author's index.</param>
/// <param name="Text">What it says; at most 141 characters.</param>
internal readonly record struct DemoMessage(int Author, string Text);

/// <summary>A lively network without any file: follows with a power law in both directions, messages in several scripts with mentions and
/// tags. The same size and seed make the same network; each part is computed from its index, so nothing is held in memory.
/// Any thread may use it.</summary>
/// <param name="people">How many people there are; at least 2.</param>
/// <param name="seed">Makes networks different.</param>
internal sealed class DemoNetwork(int people, long seed)
{
    private const int MessagesPerPerson = 10;
    private const int FewestFollows = 6;
    private const int MostFollows = 2_000;

    private readonly ImmutableArray<DemoLanguage> _languages = DemoLanguage.LoadAll();
    private readonly int _step = CoprimeStep(people);

    private enum Stream
    {
        Person = 1,
        Follows = 2,
        Message = 3,
    }

    /// <summary>How many people there are.</summary>
    public int People => people;

    /// <summary>How many messages there are.</summary>
    public long Messages => (long)people * MessagesPerPerson;

    /// <summary>One of the people, by index.</summary>
    public DemoPerson Person(int index)
    {
        var random = new DemoRandom(seed, (int)Stream.Person, index);
        var language = LanguageOf(index);
        var (first, last) = NamesOf(index);
        var interests = string.Join(", ", language.Topics.Where((_, i) => i % 3 == index % 3).Take(2));
        return new DemoPerson(
            NameOf(index),
            language.DisplayName.Replace("{first}", first.Native, StringComparison.Ordinal).Replace("{last}", last.Native, StringComparison.Ordinal),
            random.Chance(0.8) ? $"{interests} {random.Pick(language.Tags)}" : "");
    }

    /// <summary>An account's name, by index.</summary>
    public string NameOf(int index)
    {
        var (first, last) = NamesOf(index);
        var round = index / _languages.Length / LanguageOf(index).Names;
        return round == 0 ? $"{first.Latin}_{last.Latin}" : $"{first.Latin}_{last.Latin}{round + 1}";
    }

    /// <summary>Whom somebody follows, and who follows back, as edges of indexes; some edges may come twice from different people.</summary>
    public IEnumerable<(int Follower, int Followee)> FollowsOf(int index)
    {
        var random = new DemoRandom(seed, (int)Stream.Follows, index);
        // A bounded Pareto: most follow a dozen, a few follow hundreds.
        var count = (int)Math.Min(FewestFollows * Math.Pow(1 - random.NextDouble(), -1 / 1.5), Math.Min(MostFollows, (people - 1) / 2.0));
        var followed = new HashSet<int>();
        for (var tries = 0; followed.Count < Math.Max(1, count) && tries < count * 4 + 8; tries++)
        {
            var other = Popular(random.NextDouble(), 2.5, 0);
            if (other != index && followed.Add(other))
            {
                yield return (index, other);
                if (random.Chance(0.2))
                {
                    yield return (other, index);
                }
            }
        }
    }

    /// <summary>One of the messages, by number.</summary>
    public DemoMessage Message(long number)
    {
        var random = new DemoRandom(seed, (int)Stream.Message, number);
        var author = Popular(random.NextDouble(), 1.8, people / 3);
        var language = LanguageOf(author);
        var text = random.Pick(language.Sayings).Replace("{x}", random.Pick(language.Topics), StringComparison.Ordinal);
        if (random.Chance(0.2))
        {
            text = $"@{NameOf(Popular(random.NextDouble(), 2.5, 0))} {text}";
        }
        if (random.Pick(language.Endings) is { Length: > 0 } ending)
        {
            text = $"{text} {ending}";
        }
        return new DemoMessage(author, random.Chance(0.35) ? $"{text} {random.Pick(language.Tags)}" : text);
    }

    // A person by rank, the first ranks far more often than the last; ranks are spread over all languages.
    private int Popular(double random, double skew, int offset)
    {
        var rank = (long)(people * Math.Pow(random, skew));
        return (int)((rank * _step + offset) % people);
    }

    private DemoLanguage LanguageOf(int index) => _languages[index % _languages.Length];

    private (DemoName First, DemoName Last) NamesOf(int index)
    {
        var language = LanguageOf(index);
        var pair = index / _languages.Length % language.Names;
        // Neighbours get different first and last names.
        var first = pair % language.First.Length;
        return (language.First[first], language.Last[(pair / language.First.Length + first) % language.Last.Length]);
    }

    private static int CoprimeStep(int people)
    {
        var step = 7_919;
        while (Gcd(step, people) != 1)
        {
            step++;
        }
        return step;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
