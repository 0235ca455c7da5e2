using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Notifications.LiveUpdates;
using Twite.Notifications.Mentions;

namespace Twite.Notifications;

/// <summary>Answers the calls of NotificationsService that people and front ends make. The events of other services are in the other part.
/// Any thread may use it.</summary>
internal sealed partial class NotificationsEndpoint(
    NotificationsStore store, LiveSender live, AccountNames names, Confirmations confirmations, UserAssertionVerifier users,
    NotificationsOptions options, ILogger logger) : NotificationsService.NotificationsServiceBase
{
    private const int DefaultPage = 20;
    private const int MaxPage = 80;

    /// <inheritdoc/>
    public override async Task<ListNotificationsReply> ListNotifications(ListNotificationsRequest request, ServerCallContext context)
    {
        var user = await users.RequireAsync(context);
        var page = request.Page ?? new Page();
        if (page.Limit < 0)
        {
            throw RpcErrors.InvalidArgument("page.limit", "NEGATIVE", $"The limit is the number of notifications wanted: 1 to {MaxPage}, or 0 for {DefaultPage}.");
        }
        return store.List(
            user.Id,
            above: Math.Max(page.SinceId, page.MinId),
            below: page.MaxId > 0 ? page.MaxId : long.MaxValue,
            limit: page.Limit == 0 ? DefaultPage : Math.Min(page.Limit, MaxPage),
            fromOldest: page.MinId > 0);
    }

    /// <inheritdoc/>
    public override async Task<Empty> MarkRead(MarkReadRequest request, ServerCallContext context)
    {
        var user = await users.RequireAsync(context);
        await store.MarkReadAsync(user.Id, request.UpToId, context.CancellationToken);
        return new Empty();
    }

    /// <inheritdoc/>
    public override Task<RenewLeaseReply> RenewLease(RenewLeaseRequest request, ServerCallContext context) =>
        live.RenewAsync(request, context.CancellationToken);
}
