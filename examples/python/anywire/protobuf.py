"""As much of protobuf's encoding as the examples need (https://protobuf.dev/programming-guides/encoding/)."""


def text(number, value):
    """A field of text."""
    return data(number, value.encode())


def data(number, value):
    """A field of bytes, or of a message."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value):
    encoded = b""
    while value > 127:
        encoded, value = encoded + bytes([value & 127 | 128]), value >> 7
    return encoded + bytes([value])


def number(key, value):
    """A field of a number from 0 on."""
    return varint(key << 3) + varint(int(value))


def fields(message):
    """The fields of a message by number: integers, or bytes of whatever else. Of one that is repeated the last."""
    return dict(each(message))


def each(message):
    """The number and the value of each field, in order."""
    at = 0

    def take():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = message[at], at + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = take()
        if tag & 7 == 0:
            yield tag >> 3, take()
        else:
            length = take() if tag & 7 == 2 else {1: 8, 5: 4}[tag & 7]
            value, at = message[at:at + length], at + length
            yield tag >> 3, value
