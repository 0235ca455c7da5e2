using System.Collections.Concurrent;
using Anywire.Identity;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Services.Notifications;

/// <summary>Accounts as far as Notifications asks it: people are called a and their id, a7.</summary>
internal sealed class AccountsStandIn(AssertionPublicKey key) : AccountsService.AccountsServiceBase
{
    public bool IsDown { get; set; }

    /// <summary>The names of each question.</summary>
    public ConcurrentQueue<IReadOnlyList<string>> Asked { get; } = new();

    public override Task<AssertionKeysReply> AssertionKeys(Empty request, ServerCallContext context) => Task.FromResult(new AssertionKeysReply
    {
        Keys = { new AssertionKey { Id = key.Id, PublicKey = ByteString.CopyFrom(key.SubjectPublicKeyInfo.Span) } },
    });

    public override Task<ListAccountsReply> ListAccounts(ListAccountsRequest request, ServerCallContext context)
    {
        Asked.Enqueue([.. request.Names]);
        if (IsDown)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "Accounts is away."));
        }
        var found = request.Names.Where(n => n[0] == 'a' && long.TryParse(n[1..], out _));
        return Task.FromResult(new ListAccountsReply { Accounts = { found.Select(n => new Account { Id = long.Parse(n[1..]), Name = n.ToUpperInvariant() }) } });
    }
}

/// <summary>A sender of events: keeps which were confirmed.</summary>
internal sealed class SenderStandIn : MessagesService.MessagesServiceBase
{
    public bool IsDown { get; set; }

    public ConcurrentQueue<IReadOnlyList<string>> Confirmed { get; } = new();

    public ConcurrentQueue<RefusedEvent> Refused { get; } = new();

    public override Task<Empty> Handled(HandledRequest request, ServerCallContext context)
    {
        if (IsDown)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Messages is in trouble."));
        }
        Confirmed.Enqueue([.. request.EventIds]);
        foreach (var refused in request.Refused)
        {
            Refused.Enqueue(refused);
        }
        return Task.FromResult(new Empty());
    }
}

/// <summary>A front end: keeps what it is told, ticks apart.</summary>
internal sealed class FrontEndStandIn : LiveUpdatesService.LiveUpdatesServiceBase
{
    public ConcurrentQueue<LiveUpdate> Updates { get; } = new();

    public ConcurrentQueue<LiveUpdate> Ticks { get; } = new();

    /// <summary>While set, nothing is taken in before it completes.</summary>
    public TaskCompletionSource? Stalled { get; set; }

    public override async Task<Empty> Push(LiveUpdate request, ServerCallContext context)
    {
        if (Stalled is { } stalled)
        {
            await stalled.Task;
        }
        (request.WhatCase == LiveUpdate.WhatOneofCase.Tick ? Ticks : Updates).Enqueue(request);
        return new Empty();
    }
}
