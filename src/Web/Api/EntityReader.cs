using System.Globalization;
using Grpc.Core;
using Twite.Contracts;
using Twite.Web.Api.Entities;
using Twite.Web.Text;

namespace Twite.Web.Api;

/// <summary>Makes entities of contract messages, with what belongs to them: a whole list with at most three calls, made at the same time.</summary>
internal sealed class EntityReader(TwiteClients clients, ApiLinks links)
{
    private const int MaxLookUps = 500;
    private const int MaxMessages = 80;

    /// <summary>Messages, in their order. One whose author is gone by now is left out.</summary>
    public async Task<IReadOnlyList<StatusEntity>> StatusesAsync(IReadOnlyCollection<Message> messages, CancellationToken cancellationToken) =>
        Statuses(messages, await PeopleAsync([], [], messages, cancellationToken));

    /// <summary>One message.</summary>
    /// <exception cref="ApiException">404: its author is gone.</exception>
    public async Task<StatusEntity> StatusAsync(Message message, CancellationToken cancellationToken) =>
        await StatusesAsync([message], cancellationToken) is [var status] ? status : throw ApiException.NotFound();

    /// <summary>One message of an author who is known, with what belongs to it where that can be had. For what was done already: a failure
    /// now would have the program do it again.</summary>
    public async Task<StatusEntity> StatusDoneAsync(Message message, Account author, CancellationToken cancellationToken)
    {
        try
        {
            return await StatusAsync(message, cancellationToken);
        }
        catch (RpcException)
        {
            return Status(message, new People([author], [author.Id], [new FollowCounts()], [0], links))!;
        }
    }

    /// <summary>People by their ids, in that order. Those who are gone are left out.</summary>
    public async Task<IReadOnlyList<AccountEntity>> AccountsAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        var people = await PeopleAsync([], ids, [], cancellationToken);
        return [.. ids.Select(people.Find).OfType<AccountEntity>()];
    }

    /// <summary>One account that is known already.</summary>
    public async Task<AccountEntity> AccountAsync(Account account, CancellationToken cancellationToken) =>
        (await PeopleAsync([account], [], [], cancellationToken)).Find(account.Id)!;

    /// <summary>What was found.</summary>
    public async Task<SearchEntity> FoundAsync(
        IReadOnlyCollection<Account> accounts, IReadOnlyCollection<Message> messages, IReadOnlyList<TagEntity> tags, CancellationToken cancellationToken)
    {
        var people = await PeopleAsync(accounts, [], messages, cancellationToken);
        return new SearchEntity([.. accounts.Select(a => people.Find(a.Id)).OfType<AccountEntity>()], Statuses(messages, people), tags);
    }

    /// <summary>Notifications, in their order. Those of people who are gone are left out, and mentions in messages that are.</summary>
    public async Task<IReadOnlyList<NotificationEntity>> NotificationsAsync(
        IReadOnlyCollection<Notification> notifications, CancellationToken cancellationToken)
    {
        var ids = notifications.Select(n => n.MessageId).Where(id => id != 0).Distinct().ToList();
        var messages = new List<Message>();
        foreach (var some in ids.Chunk(MaxMessages))
        {
            messages.AddRange((await clients.Messages.ListByIdsAsync(new ListByIdsRequest { Ids = { some } }, cancellationToken: cancellationToken)).Messages);
        }
        var people = await PeopleAsync([], [.. notifications.Select(n => n.AccountId)], messages, cancellationToken);
        var statuses = Statuses(messages, people).ToDictionary(s => s.Id);
        return [.. notifications.Select(n => Notification(n, people, statuses)).OfType<NotificationEntity>()];
    }

    private static NotificationEntity? Notification(Notification notification, People people, Dictionary<string, StatusEntity> statuses)
    {
        var status = statuses.GetValueOrDefault(Text(notification.MessageId));
        var type = notification.Type switch
        {
            NotificationType.Mention when status is not null => "mention",
            NotificationType.Follow => "follow",
            _ => null,
        };
        return type is not null && people.Find(notification.AccountId) is { } account
            ? new NotificationEntity(Text(notification.Id), type, ApiTime.Format(notification.CreatedAt), account, status)
            : null;
    }

    private List<StatusEntity> Statuses(IEnumerable<Message> messages, People people) =>
        [.. messages.Select(m => Status(m, people)).OfType<StatusEntity>()];

    private StatusEntity? Status(Message message, People people)
    {
        if (people.Find(message.AuthorId) is not { } author)
        {
            return null;
        }
        var url = links.Status(author.Username, message.Id);
        return new StatusEntity
        {
            Id = Text(message.Id),
            CreatedAt = ApiTime.Format(message.CreatedAt),
            Uri = url,
            Url = url,
            Content = ContentHtml.OfMessage(message.Text, links, name => people.FindNamed(name) is not null),
            Text = message.Text,
            Account = author,
            Mentions = [.. MessageText.Mentions(message.Text).Select(people.FindNamed).OfType<Account>()
                .Select(a => new MentionEntity(Text(a.Id), a.Name, links.Account(a.Name), a.Name))],
            Tags = [.. MessageText.Tags(message.Text).Select(t => new TagEntity(t, links.Tag(t)))],
        };
    }

    private async Task<People> PeopleAsync(
        IReadOnlyCollection<Account> known, IReadOnlyCollection<long> ids, IReadOnlyCollection<Message> messages, CancellationToken cancellationToken)
    {
        var missing = ids.Concat(messages.Select(m => m.AuthorId)).Except(known.Select(a => a.Id)).ToList();
        var counted = known.Select(a => a.Id).Concat(missing).Distinct().ToList();
        var names = messages.SelectMany(m => MessageText.Mentions(m.Text)).Distinct().Take(Math.Max(0, MaxLookUps - missing.Count)).ToList();
        if (counted.Count == 0)
        {
            return new People([], [], [], [], links);
        }

        var accounts = missing.Count + names.Count == 0
            ? Task.FromResult(new ListAccountsReply())
            : clients.Accounts.ListAccountsAsync(
                new ListAccountsRequest { Ids = { missing }, Names = { names } }, cancellationToken: cancellationToken).ResponseAsync;
        var follows = clients.Follows.CountFollowsAsync(
            new CountFollowsRequest { AccountIds = { counted } }, cancellationToken: cancellationToken).ResponseAsync;
        var posts = clients.Messages.CountByAuthorsAsync(
            new CountByAuthorsRequest { AuthorIds = { counted } }, cancellationToken: cancellationToken).ResponseAsync;
        await Task.WhenAll(accounts, follows, posts);
        return new People([.. known, .. (await accounts).Accounts], counted, (await follows).Counts, (await posts).Counts, links);
    }

    internal static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
