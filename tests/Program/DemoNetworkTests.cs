using Twite.Seeding;
using Twite.Unicode;

namespace Twite.ProgramTests;

/// <summary>The demonstration is lively, the same each time, and within the rules of the network.</summary>
public sealed class DemoNetworkTests
{
    private const int People = 1_000;

    private static readonly DemoNetwork Network = new(People, seed: 1);

    [Fact]
    public void Names_are_allowed_and_unique()
    {
        var names = Enumerable.Range(0, 20_000).Select(new DemoNetwork(20_000, 1).NameOf).ToList();
        Assert.All(names, n => Assert.Matches("^[a-z0-9_]{1,30}$", n));
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public void Messages_are_within_141_characters_and_say_something() =>
        Assert.All(Messages(), m => Assert.InRange(Characters.Count(Nfc.Of(m.Text)), 5, 141));

    [Fact]
    public void Messages_come_in_several_scripts()
    {
        var text = string.Concat(Messages().Select(m => m.Text));
        Assert.All("aжλعשहก今の오ạ", letter => Assert.Contains(letter, text));
    }

    [Fact]
    public void Some_messages_mention_people_who_exist_and_some_have_tags()
    {
        var names = Enumerable.Range(0, People).Select(Network.NameOf).ToHashSet();
        var mentioned = Messages().Where(m => m.Text.StartsWith('@')).Select(m => m.Text[1..m.Text.IndexOf(' ', StringComparison.Ordinal)]).ToList();
        Assert.InRange(mentioned.Count, 500, 5_000);
        Assert.All(mentioned, name => Assert.Contains(name, names));
        Assert.InRange(Messages().Count(m => m.Text.Contains('#')), 1_000, 6_000);
    }

    [Fact]
    public void Follows_have_a_power_law_and_about_twenty_each()
    {
        var followers = new int[People];
        foreach (var (_, followee) in Edges())
        {
            followers[followee]++;
        }
        Assert.InRange(followers.Sum(), 15_000, 30_000);
        // The best known has far more followers than the one in the middle, and nearly everybody has one.
        Assert.True(followers.Max() > 15 * followers.Order().ElementAt(People / 2), $"{followers.Max()} against {followers.Order().ElementAt(People / 2)}");
        Assert.InRange(followers.Count(f => f > 0), People * 9 / 10, People);
    }

    [Fact]
    public void Nobody_follows_themselves() => Assert.DoesNotContain(Edges(), e => e.Follower == e.Followee);

    [Fact]
    public void The_same_seed_makes_the_same_network()
    {
        var again = new DemoNetwork(People, seed: 1);
        Assert.Equal(Messages().Take(500), Enumerable.Range(0, 500).Select(n => again.Message(n)));
        Assert.Equal(Edges().Take(500), Enumerable.Range(0, People).SelectMany(again.FollowsOf).Distinct().Take(500));
        Assert.Equal(Network.Person(7), again.Person(7));
    }

    [Fact]
    public void Another_seed_makes_another_network() => Assert.NotEqual(
        Messages().Take(50), Enumerable.Range(0, 50).Select(n => new DemoNetwork(People, seed: 2).Message(n)));

    [Theory, InlineData(2), InlineData(3), InlineData(7919)]
    public void Any_size_works(int people)
    {
        var network = new DemoNetwork(people, 1);
        Assert.All(Enumerable.Range(0, people).SelectMany(network.FollowsOf), e => Assert.InRange(e.Followee, 0, people - 1));
        Assert.All(Enumerable.Range(0, 20), n => Assert.InRange(network.Message(n).Author, 0, people - 1));
    }

    private static IEnumerable<DemoMessage> Messages() => Enumerable.Range(0, People * 10).Select(n => Network.Message(n));

    private static IEnumerable<(int Follower, int Followee)> Edges() => Enumerable.Range(0, People).SelectMany(Network.FollowsOf).Distinct();
}
