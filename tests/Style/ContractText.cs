using System.Globalization;
using Anywire;
using Google.Api;
using Google.Protobuf.Reflection;

namespace Twite.Style;

/// <summary>Contracts as lines of text, one per thing that somebody may depend on: <c>key = value; value; …</c>. The key says what
/// it is and never changes; the values say how it is.</summary>
internal static class ContractText
{
    /// <summary>All lines of some files, sorted.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<FileDescriptor> files) =>
        [.. files.SelectMany(Of).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Of(FileDescriptor file) =>
        file.MessageTypes.SelectMany(Of)
            .Concat(file.EnumTypes.SelectMany(Of))
            .Concat(file.Services.SelectMany(s => s.Methods).Select(Of))
            .Concat(file.Extensions.UnorderedExtensions.Select(e => $"extension {e.FullName} = {e.FieldNumber}; {Type(e)}"));

    private static IEnumerable<string> Of(MessageDescriptor message) =>
        message.Fields.InFieldNumberOrder().Select(f => $"field {message.FullName}.{f.Name} = {f.FieldNumber}; {Type(f)}{OneOf(f)}")
            .Concat(message.EnumTypes.SelectMany(Of))
            .Concat(message.NestedTypes.Where(n => !n.IsMapEntry).SelectMany(Of))
            .Append($"message {message.FullName} = {message.Fields.InFieldNumberOrder().Count} fields");

    private static IEnumerable<string> Of(EnumDescriptor type) =>
        type.Values.Select(v => $"enum {type.FullName}.{v.Name} = {v.Number}");

    private static string Of(MethodDescriptor method)
    {
        var contract = MethodContract.Of(method);
        var http = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
        return string.Join("; ",
            $"rpc {method.Service.FullName}.{method.Name} = {Stream(method.IsClientStreaming)}{method.InputType.FullName}",
            $"returns {Stream(method.IsServerStreaming)}{method.OutputType.FullName}",
            $"delivery {contract.Delivery}",
            contract.IsIdempotent ? "idempotent" : "not idempotent",
            string.Create(CultureInfo.InvariantCulture, $"deadline {contract.Deadline.TotalMilliseconds} ms"),
            $"request {contract.MaxRequestBytes} B",
            $"reply {contract.MaxReplyBytes} B",
            $"callers {(contract.AllowedCallers.IsEmpty ? "any" : string.Join(' ', contract.AllowedCallers.Order(StringComparer.Ordinal)))}",
            $"http {(http is null ? "none" : Route(http))}");
    }

    private static string Type(FieldDescriptor field) => field switch
    {
        { IsMap: true } => $"map<{Type(field.MessageType.FindFieldByName("key"))}, {Type(field.MessageType.FindFieldByName("value"))}>",
        { IsRepeated: true } => $"repeated {Name(field)}",
        _ => Name(field),
    };

    private static string Name(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message or FieldType.Group => field.MessageType.FullName,
        FieldType.Enum => field.EnumType.FullName,
        var scalar => scalar.ToString().ToLowerInvariant(),
    };

    private static string OneOf(FieldDescriptor field) => field.RealContainingOneof is { } oneof ? $"; one of {oneof.Name}"
        : field.HasPresence && field.FieldType is not FieldType.Message ? "; optional" : "";

    private static string Stream(bool streams) => streams ? "stream " : "";

    private static string Route(HttpRule rule) => (rule.PatternCase switch
    {
        HttpRule.PatternOneofCase.Get => $"GET {rule.Get}",
        HttpRule.PatternOneofCase.Post => $"POST {rule.Post}",
        HttpRule.PatternOneofCase.Put => $"PUT {rule.Put}",
        HttpRule.PatternOneofCase.Patch => $"PATCH {rule.Patch}",
        HttpRule.PatternOneofCase.Delete => $"DELETE {rule.Delete}",
        var other => other.ToString(),
    }) + (rule.Body.Length > 0 ? $" body {rule.Body}" : "");
}
