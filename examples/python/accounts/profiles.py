"""What a display name, a biography and a session's label must be."""

import unicodedata

from anywire.failures import invalid

_JOINERS = {"\u200c", "\u200d"}


def display_name(typed, field):
    """The display name to store; empty when none is set, so that the name is shown."""
    text = unicodedata.normalize("NFC", typed).strip()
    _check(text, "display name", field, 50, 500)
    if text and not any(unicodedata.category(c)[0] in "LNPS" for c in text):
        raise invalid(field, "INVISIBLE", "The display name has only invisible characters. Type one that people can see, or leave it empty.")
    return text


def biography(typed, field):
    """The biography to store; its line breaks are \\n."""
    text = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n").strip()
    _check(text, "biography", field, 300, 2000, allowed="\n")
    return text


def label(typed):
    """What a session is called: on one line, cut to 200 bytes."""
    line = "".join(" " if unicodedata.category(c) == "Cc" else c for c in typed)
    return line.encode()[:200].decode(errors="ignore").strip()


def _check(text, what, field, most, most_bytes, allowed=""):
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character not in allowed and character not in _JOINERS:
            raise invalid(field, "CHARACTERS", f"The {what} has the character U+{ord(character):04X}, which is invisible or changes how the text around it is shown. Leave it out.")
    count = _count(text)
    if count > most:
        raise invalid(field, "TOO_LONG", f"The {what} has {count} characters, {count - most} more than the {most} that fit.")
    if len(text.encode()) > most_bytes:
        raise invalid(field, "TOO_LONG", f"The {what} needs more than {most_bytes} bytes, because its characters are made of very many parts. Use simpler ones.")


def _count(text):
    # Nearly as people count: accents and joined emoji belong to what stands before them. Python's library has no grapheme clusters.
    return sum(
        unicodedata.category(character) not in ("Mn", "Me", "Cf", "Sk") and text[i - 1:i] != "\u200d"
        for i, character in enumerate(text))
