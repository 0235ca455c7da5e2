using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Tests.Network;

/// <summary>Accounts in memory: every id has one, until it is closed or suspended.</summary>
internal sealed class FakeAccounts : AccountsService.AccountsServiceBase
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _closed = [];
    private readonly HashSet<long> _suspended = [];
    private readonly List<int> _asked = [];

    public bool IsDown { get; set; }

    /// <summary>How many accounts each call asked for.</summary>
    public IReadOnlyList<int> Asked
    {
        get
        {
            lock (_gate)
            {
                return [.. _asked];
            }
        }
    }

    public void Close(long id)
    {
        lock (_gate)
        {
            _closed.Add(id);
        }
    }

    public void Suspend(long id)
    {
        lock (_gate)
        {
            _suspended.Add(id);
        }
    }

    public override Task<ListAccountsReply> ListAccounts(ListAccountsRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            _asked.Add(request.Ids.Count);
            if (IsDown)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "Accounts is down."));
            }
            if (request.Ids.Count > 500)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, "At most 500 accounts can be asked for at once."));
            }
            var found = request.Ids.Where(id => !_closed.Contains(id)).Select(id => new Account { Id = id, Name = $"a{id}", Suspended = _suspended.Contains(id) });
            return Task.FromResult(new ListAccountsReply { Accounts = { found } });
        }
    }
}
