using Microsoft.Playwright;
using Twite.Faults;

namespace Twite.EndToEnd;

/// <summary>What the network is for: two people, two browsers, and a message on its way from one to the other.</summary>
public abstract class TwoPeopleTests(VisitedNetwork network, Chromium chromium, bool isBrief = false)
{
    [Fact]
    public async Task A_post_appears_on_a_followers_screen_without_a_reload()
    {
        await using var alice = await chromium.OpenAsync(network);
        await using var bob = await chromium.OpenAsync(network);
        await Task.WhenAll(alice.SignUpAsync("alice_live"), bob.SignUpAsync("bob_live"));
        await bob.FollowAsync("alice_live");
        await bob.Page.GotoAsync("/");
        await bob.GoLiveAsync();
        await bob.Page.EvaluateAsync("window.notReloaded = true");

        await alice.PostAsync("The finch has landed 🐦");

        await Assertions.Expect(bob.Message("The finch has landed 🐦")).ToBeVisibleAsync(new() { Timeout = 10_000 });
        Assert.True(await bob.Page.EvaluateAsync<bool>("window.notReloaded === true"), "The page was loaded again.");
        Assert.Empty(alice.Complaints.Concat(bob.Complaints));
    }

    [Fact]
    public async Task Without_script_a_post_is_there_after_a_reload()
    {
        await using var alice = await chromium.OpenAsync(network, script: false);
        await using var bob = await chromium.OpenAsync(network, script: false);
        await alice.SignUpAsync("alice_plain");
        await bob.SignUpAsync("bob_plain");
        await bob.FollowAsync("alice_plain");
        await bob.Page.GotoAsync("/");

        await alice.PostAsync("Plain is fine");
        await bob.Page.ReloadAsync();

        await Assertions.Expect(bob.Message("Plain is fine")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_deleted_message_goes_from_a_followers_screen()
    {
        LongForm.RequireIf(isBrief);
        await using var alice = await chromium.OpenAsync(network);
        await using var bob = await chromium.OpenAsync(network);
        await Task.WhenAll(alice.SignUpAsync("alice_gone"), bob.SignUpAsync("bob_gone"));
        await bob.FollowAsync("alice_gone");
        await alice.PostAsync("Soon gone");
        await bob.Page.GotoAsync("/");
        await bob.GoLiveAsync();
        await Assertions.Expect(bob.Message("Soon gone")).ToBeVisibleAsync();

        await alice.Page.GetByRole(AriaRole.Link, new() { Name = "Delete this message" }).First.ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();

        await Assertions.Expect(bob.Message("Soon gone")).ToHaveCountAsync(0, new() { Timeout = 10_000 });
    }

    [Fact]
    public async Task A_mention_counts_up_the_bell_at_once_and_stands_in_the_list()
    {
        LongForm.RequireIf(isBrief);
        await using var alice = await chromium.OpenAsync(network);
        await using var bob = await chromium.OpenAsync(network);
        await Task.WhenAll(alice.SignUpAsync("alice_calls"), bob.SignUpAsync("bob_called"));
        await bob.Page.GotoAsync("/");
        await bob.GoLiveAsync();

        await alice.PostAsync("Where are you, @bob_called?");

        await Assertions.Expect(bob.Page.Locator("#unread")).ToHaveTextAsync("1", new() { Timeout = 10_000 });
        await bob.Page.GetByRole(AriaRole.Link, new() { Name = "Notifications" }).ClickAsync();
        await Assertions.Expect(bob.Message("Where are you, @bob_called?")).ToBeVisibleAsync();
    }
}

public sealed class TwoPeopleInOneProcess(OneProcess network, Chromium chromium) : TwoPeopleTests(network, chromium);

/// <summary>In the short form one way with script and one without: what else happens on a page does not depend on the wire.</summary>
public sealed class TwoPeopleOverHttp(HttpProcesses network, Chromium chromium) : TwoPeopleTests(network, chromium, isBrief: true);

/// <summary>Among the long forms: what differs from HTTP is what the conformance and the services' suites show.</summary>
public sealed class TwoPeopleOverGrpc(GrpcProcesses network, Chromium chromium) : TwoPeopleTests(LongForm.Only(network), chromium);

public sealed class TwoPeopleOverTcp(TcpProcesses network, Chromium chromium) : TwoPeopleTests(LongForm.Only(network), chromium);

public sealed class TwoPeopleOverSockets(SocketsProcesses network, Chromium chromium) : TwoPeopleTests(LongForm.Only(network), chromium);

public sealed class TwoPeopleOverQueue(QueueProcesses network, Chromium chromium) : TwoPeopleTests(LongForm.Only(network), chromium);

public sealed class TwoPeopleOverNats(NatsProcesses network, Chromium chromium) : TwoPeopleTests(LongForm.Only(network), chromium);

public sealed class TwoPeopleOverMixed(MixedProcesses network, Chromium chromium) : TwoPeopleTests(LongForm.Only(network), chromium);
