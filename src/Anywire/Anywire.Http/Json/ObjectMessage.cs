using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json;

/// <summary>A message as an object of its fields: every type that has no form of its own in JSON.</summary>
internal sealed class ObjectMessage<T>(MessageDescriptor descriptor, JsonCodecOptions options) : JsonMessage<T>(descriptor, options)
    where T : class, IMessage
{
    private JsonField<T>[] _fields = [];

    public override IReadOnlyList<JsonField> Fields => _fields;

    public override bool IsObject => true;

    /// <summary>Gives it its fields, by number. A type may hold itself, so they come after it; before anybody uses it.</summary>
    public void Link(JsonField<T>[] fields) => _fields = fields;

    public override void Write(ref JsonOutput output, T message)
    {
        output.StartObject();
        foreach (var field in _fields)
        {
            field.Write(ref output, message);
        }
        output.EndObject();
    }

    public override void Read(ref JsonInput input, T message)
    {
        input.Expect(JsonTokenType.StartObject, "an object");
        ReadFields(ref input, message, isAny: false);
    }

    public override void WriteFields(ref JsonOutput output, IMessage message)
    {
        foreach (var field in _fields)
        {
            field.Write(ref output, (T)message);
        }
    }

    public override void ReadFields(ref JsonInput input, IMessage message) => ReadFields(ref input, (T)message, isAny: true);

    private void ReadFields(ref JsonInput input, T message, bool isAny)
    {
        var (seen, oneofs, next, hasType) = (new FieldSet(), new FieldSet(), 0, false);
        while (true)
        {
            input.Reader.Read();
            if (input.Kind == JsonTokenType.EndObject)
            {
                return;
            }
            var name = input.Text();
            if (Find(name, next) is not { } field)
            {
                if (isAny && name.SequenceEqual("@type"u8))
                {
                    hasType = !hasType ? true : throw new JsonFormatException("It is given twice.");
                    input.Reader.Skip();
                    continue;
                }
                PassOver(ref input, name, isAny);
                continue;
            }
            if (!seen.Add(field.Index))
            {
                throw new JsonFormatException("It is given twice.");
            }
            next = field.Index + 1;
            input.Reader.Read();
            if (input.Kind == JsonTokenType.Null && !field.TakesNull)
            {
                field.Clear(message);
                continue;
            }
            if (field.Oneof >= 0 && !oneofs.Add(field.Oneof))
            {
                throw new JsonFormatException($"Another field of {field.Descriptor.ContainingOneof.Name} is given too; only one may be.");
            }
            field.Read(ref input, message);
        }
    }

    private void PassOver(ref JsonInput input, ReadOnlySpan<byte> name, bool isAny)
    {
        // Some, Google's C# among them, put an empty value into an Any that holds Empty.
        var isEmptyValue = isAny && Descriptor.FullName == "google.protobuf.Empty" && name.SequenceEqual("value"u8);
        if (!input.Options.IgnoreUnknownFields && !isEmptyValue)
        {
            throw new JsonFormatException($"{Descriptor.Name} has no such field.");
        }
        input.Reader.Skip();
    }

    // Who writes by number, as we do, finds each at the first look.
    private JsonField<T>? Find(ReadOnlySpan<byte> name, int next)
    {
        for (var i = next; i < _fields.Length; i++)
        {
            if (name.SequenceEqual(_fields[i].Name))
            {
                return _fields[i];
            }
        }
        for (var i = 0; i < next; i++)
        {
            if (name.SequenceEqual(_fields[i].Name))
            {
                return _fields[i];
            }
        }
        foreach (var field in _fields)
        {
            if (name.SequenceEqual(field.OriginalName))
            {
                return field;
            }
        }
        return null;
    }
}
