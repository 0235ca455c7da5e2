using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Twite.Web.Errors;

/// <summary>What a person is told when something did not work: what happened, and what to do. Never how the program is built.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What happened, in a few words.</param>
/// <param name="Explanation">What happened, in a sentence.</param>
/// <param name="Advice">What to do; empty when the explanation says it.</param>
/// <param name="RetryAfter">When trying again makes sense; null when nobody knows.</param>
internal sealed record Problem(int Status, string Title, string Explanation, string Advice, TimeSpan? RetryAfter = null)
{
    /// <summary>What is missing without Accounts.</summary>
    public const string WithoutAccounts = "Accounts do not answer: nobody's name can be looked up, and nobody can log in.";

    /// <summary>Whether it is of the kind that a program's author should hear of.</summary>
    public bool IsOurs => Status == StatusCodes.Status500InternalServerError;

    public static Problem Of(Exception error) => error switch
    {
        RpcException rpc => Of(rpc),
        BadHttpRequestException bad => OfStatus(bad.StatusCode),
        // A form that cannot be read; the cause behind it knows why.
        ValueProviderException or AntiforgeryValidationException => OfStatus(
            error.InnerException is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status400BadRequest),
        _ => OfStatus(StatusCodes.Status500InternalServerError),
    };

    public static Problem Of(RpcException error) => error.StatusCode switch
    {
        StatusCode.NotFound => OfStatus(404) with { Explanation = error.Status.Detail },
        StatusCode.PermissionDenied => OfStatus(403) with { Explanation = error.Status.Detail },
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.AlreadyExists or StatusCode.OutOfRange =>
            OfStatus(400) with { Explanation = error.Status.Detail },
        StatusCode.Unauthenticated => new(401, "Log in first", "This needs to know who you are, and your session has ended.", "Log in and try again."),
        StatusCode.ResourceExhausted when error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay.ToTimeSpan() is { } wait =>
            OfStatus(429) with { Explanation = error.Status.Detail, Advice = "", RetryAfter = wait },
        StatusCode.ResourceExhausted => OfStatus(503) with { Explanation = "There is more to do right now than can be done.", RetryAfter = TimeSpan.FromSeconds(5) },
        StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled => OfStatus(503) with { Explanation = Missing(error) },
        _ => OfStatus(500),
    };

    public static Problem OfStatus(int status) => status switch
    {
        400 => new(400, "That did not work", "The request was not one that this page understands.",
            "If you sent a form that had been open for long: go back, reload the page, and send it again."),
        403 => new(403, "Not yours to do", "You may not do that.", "Go back, or log in as somebody who may."),
        404 => new(404, "Nothing here", "There is no such page, or no longer.", "Check the address, or search for what you were looking for."),
        405 => new(405, "That did not work", "This address does not answer to that kind of request.", "Go back and use the page's own buttons."),
        413 => new(413, "Too large", "What was sent is larger than this site takes.", "Make it shorter and send it again."),
        429 => new(429, "Too much at once", "That was tried too often.", "Wait a little, then try again."),
        503 => new(503, "Not available right now", "A part of the network does not answer.",
            "Nothing is lost. Try again in a few seconds.", TimeSpan.FromSeconds(5)),
        >= 400 and < 500 => OfStatus(400) with { Status = status },
        _ => new(500, "That went wrong", "Something in the program failed. It was written down for whoever runs this site.",
            "Try again. If it keeps happening, tell them what you did and when."),
    };

    /// <summary>What is missing when a service does not answer.</summary>
    public static string Missing(RpcException error) => ServiceNaming.Of(error) switch
    {
        "accounts" => WithoutAccounts,
        "messages" => "Messages do not answer: they can be neither read nor posted right now.",
        "follows" => "Follows do not answer: who follows whom is not known.",
        "notifications" => "Notifications do not answer: who mentioned or followed you is not known.",
        _ => "A part of the network does not answer.",
    };
}
