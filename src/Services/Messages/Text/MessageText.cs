using Anywire;
using Grpc.Core;
using Twite.Unicode;

namespace Twite.Messages;

/// <summary>The rule for what a message may say, as callers hear of it: see README.</summary>
internal static class MessageText
{
    /// <summary>The text as it is stored: line ends and tabs made plain, NFC, without spaces around it.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="field">What the request calls it, for the error.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT with the name of the rule that is broken.</exception>
    public static string Clean(string text, string field = "text") => MessageRules.TryClean(text, out var clean, out var broken)
        ? clean
        : throw RpcErrors.InvalidArgument(field, broken.Name, broken.Explanation);
}
