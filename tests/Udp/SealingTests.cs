using Anywire.Udp.Format;
using Anywire.Udp.Sealing;
using CsCheck;

namespace Anywire.Udp.Tests;

/// <summary>Seals, keys and the window of what came.</summary>
public sealed class SealingTests
{
    private static readonly byte[] Callers = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] Handlers = [.. Enumerable.Range(32, 32).Select(i => (byte)i)];

    [Theory, InlineData(1), InlineData(2)]
    public void What_one_side_seals_the_other_opens_and_only_that(int cipher)
    {
        var (caller, handler) = Pair((Cipher)cipher);
        var datagram = Sealed(caller, counter: 5);
        Datagram.TryRead(datagram, out var head);
        for (var i = 0; i < datagram.Length; i++)
        {
            var changed = (byte[])datagram.Clone();
            changed[i] ^= 1;
            Datagram.TryRead(changed, out var changedHead);
            Assert.False(handler.TryOpen(changedHead, changed), $"Byte {i} was changed.");
        }
        for (var length = 0; length < datagram.Length; length++)
        {
            Assert.False(handler.TryOpen(head, datagram.AsSpan(0, length).ToArray()));
        }
        // What one seals itself it does not take back.
        Assert.False(caller.TryOpen(head, (byte[])datagram.Clone()));
        Assert.True(handler.TryOpen(head, datagram));
        Assert.Equal([9, 0, 0], datagram[Datagram.HeadBytes..^Datagram.TagBytes]);
    }

    [Fact]
    public void A_new_key_is_used_by_the_handler_once_the_caller_has_used_it_and_the_old_one_still_opens()
    {
        var (caller, handler) = Pair(Cipher.Aes256Gcm);
        var old = Sealed(caller, counter: 1);
        Assert.Equal(2, handler.NextNumber);
        handler.Install(2, Handlers, Callers, sendAtOnce: false);
        Assert.Equal(1, handler.Sending!.Number);
        caller.Install(2, Handlers, Callers, sendAtOnce: true);
        var late = (byte[])old.Clone();
        Datagram.TryRead(late, out var head);
        Assert.True(handler.TryOpen(head, late));
        Assert.Equal(1, handler.Sending.Number);
        var renewed = Sealed(caller, counter: 2);
        Datagram.TryRead(renewed, out head);
        Assert.Equal(2, head.Key);
        Assert.True(handler.TryOpen(head, renewed));
        Assert.Equal(2, handler.Sending.Number);
        // The one before the last is gone.
        handler.Install(3, Callers, Callers, sendAtOnce: false);
        Datagram.TryRead(old, out head);
        Assert.False(handler.TryOpen(head, old));
    }

    [Fact]
    public void Other_names_sessions_or_parts_give_other_keys()
    {
        var agreement = new KeyAgreement(Cipher.Aes256Gcm, "tester", "echo", 7);
        (KeyAgreement Of, byte Number, byte[] Theirs)[] others =
        [
            (agreement with { Caller = "teste" }, 1, Handlers), (agreement with { Handler = "echoo" }, 1, Handlers), (agreement with { Session = 8 }, 1, Handlers),
            (agreement, 2, Handlers), (agreement, 1, Callers),
        ];
        using var key = agreement.Derive(1, Callers, Handlers, ofCaller: true);
        using var reverse = agreement.Derive(1, Callers, Handlers, ofCaller: false);
        var datagram = new byte[Datagram.HeadBytes + 3 + Datagram.TagBytes];
        key.Seal(datagram, 0);
        Assert.False(reverse.TryOpen((byte[])datagram.Clone(), 0));
        Assert.False(key.TryOpen((byte[])datagram.Clone(), 1));
        foreach (var (of, number, theirs) in others)
        {
            using var other = of.Derive(number, Callers, theirs, ofCaller: true);
            Assert.False(other.TryOpen((byte[])datagram.Clone(), 0));
        }
        Assert.True(key.TryOpen(datagram, 0));
    }

    [Fact]
    public void Each_counter_is_taken_once_and_none_that_is_too_old_whatever_the_order() =>
        Gen.ULong[0, 10_000].Array[1, 400].Sample(counters =>
        {
            var (window, taken, next) = (new ReplayWindow(), new HashSet<ulong>(), 0UL);
            foreach (var counter in counters)
            {
                var isNew = window.IsNew(counter);
                Assert.Equal(!taken.Contains(counter) && counter + ReplayWindow.Size >= next, isNew);
                if (isNew)
                {
                    window.Take(counter);
                    taken.Add(counter);
                    next = Math.Max(next, counter + 1);
                }
            }
            Assert.Equal((next, (ulong)taken.Count), (window.Next, window.Received));
            var tooOld = next > ReplayWindow.Size ? next - ReplayWindow.Size : 0;
            Assert.Equal(tooOld - (ulong)taken.Count(c => c < tooOld), window.Lost);
        });

    [Fact]
    public void A_counter_far_ahead_is_none_and_makes_nothing_old_new_again()
    {
        var window = new ReplayWindow();
        for (var counter = 0UL; counter < 10; counter++)
        {
            window.Take(counter);
        }
        foreach (var far in new[] { ulong.MaxValue, 1UL << 62, 10 + ReplayWindow.MostAhead })
        {
            Assert.False(window.IsNew(far));
        }
        window.Take(9 + ReplayWindow.MostAhead);
        Assert.Equal(10 + ReplayWindow.MostAhead, window.Next);
        Assert.Equal(ReplayWindow.MostAhead - ReplayWindow.Size, window.Lost);
        Assert.False(window.IsNew(9));
    }

    private static (Seals Caller, Seals Handler) Pair(Cipher cipher)
    {
        var agreement = new KeyAgreement(cipher, "tester", "echo", 7);
        var (caller, handler) = (new Seals(agreement, isCaller: true), new Seals(agreement, isCaller: false));
        caller.Install(1, Callers, Handlers, sendAtOnce: true);
        handler.Install(1, Callers, Handlers, sendAtOnce: true);
        return (caller, handler);
    }

    private static byte[] Sealed(Seals seals, ulong counter)
    {
        byte[] datagram = [.. new byte[Datagram.HeadBytes], 9, 0, 0, .. new byte[Datagram.TagBytes]];
        new Datagram(DatagramKind.Sealed, seals.Sending!.Number, 7, counter).Write(datagram);
        seals.Sending.Seal(datagram, counter);
        return datagram;
    }
}
