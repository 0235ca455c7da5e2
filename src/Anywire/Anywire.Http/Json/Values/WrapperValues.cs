namespace Anywire.Http.Json.Values;

/// <summary>A wrapper of a number or a bool (<c>google.protobuf.Int32Value</c> and the like), which generated code shows as a nullable: the bare
/// value.</summary>
internal readonly struct NullableJsonValue<T, TValue> : IJsonValue<T?>
    where T : struct
    where TValue : struct, IJsonValue<T>
{
    public bool IsDefault(T? value) => value is null;

    public void Write(ref JsonOutput output, T? value) => default(TValue).Write(ref output, value.GetValueOrDefault());

    public T? Read(ref JsonInput input) => default(TValue).Read(ref input);

    public string Format(T? value) => default(TValue).Format(value.GetValueOrDefault());

    public T? Parse(ReadOnlySpan<byte> text) => default(TValue).Parse(text);
}

/// <summary>A wrapper of text or bytes, which generated code shows as a reference that may be null: the bare value.</summary>
internal readonly struct ReferenceJsonValue<T, TValue> : IJsonValue<T>
    where T : class
    where TValue : struct, IJsonValue<T>
{
    public bool IsDefault(T? value) => value is null;

    public void Write(ref JsonOutput output, T value) => default(TValue).Write(ref output, value);

    public T Read(ref JsonInput input) => default(TValue).Read(ref input);

    public string Format(T value) => default(TValue).Format(value);

    public T Parse(ReadOnlySpan<byte> text) => default(TValue).Parse(text);
}

/// <summary>A message that is an element of a list or the value of a map.</summary>
internal readonly struct MessageJsonValue<T>(JsonMessage<T> message) : IJsonValue<T>
    where T : class, Google.Protobuf.IMessage
{
    public bool TakesNull => message.TakesNull;

    public bool IsText => message.IsText;

    public bool IsDefault(T? value) => value is null;

    public void Write(ref JsonOutput output, T value) => message.Write(ref output, value);

    public T Read(ref JsonInput input)
    {
        var value = message.New();
        message.Read(ref input, value);
        return value;
    }

    public string Format(T value) => message.Format(value);

    public T Parse(ReadOnlySpan<byte> text)
    {
        var value = message.New();
        message.Parse(text, value);
        return value;
    }
}
