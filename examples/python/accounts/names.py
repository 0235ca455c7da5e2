"""Names of accounts: 1 to 30 of A to Z, a to z, 0 to 9 and _. Two are the same when their keys, in lower case, are."""

import re

from anywire.failures import invalid

MAX_LENGTH = 30

# Would clash with a page of the front end, or pass for the people who run the network.
_RESERVED = frozenset("""
    about abuse account accounts admin administration administrator administrators admins anonymous anywire api app apps assets
    atom auth blog bookmarks contact css dashboard delete deleted developer developers discover docs download edit error everybody
    everyone explore export faq favicon feed feeds follow followers following hashtag healthz help home host hostmaster images img
    import index invite jobs js legal lists live local log_in log_out login logout media mentions message messages metrics mod
    moderation moderator moderators mods name new no_reply nobody noreply notifications null oauth oembed official openapi
    operator operators owner password people policy post postmaster posts press privacy profile public readyz register robots root
    rss rules scalar search security service session sessions settings share sign_in sign_out sign_up signin signout signup
    sitemap staff static status statuses stream streaming superuser support sysadmin system tag tags team terms timeline timelines
    token tokens tos trending trends tweet twite twite_admin twite_official twite_security twite_staff twite_support twite_team
    undefined unfollow unknown user users verified verify web webmaster welcome well_known www
""".split())


def key_of(typed):
    """What a name is compared by; None when no account can have such a name."""
    return typed.lower() if re.fullmatch(r"[A-Za-z0-9_]{1,30}", typed) else None


def choose(typed, field):
    """A name that somebody wants to have: its key."""
    if not typed:
        raise invalid(field, "EMPTY", f"Choose a name: 1 to {MAX_LENGTH} letters a to z, digits and _.")
    if not re.fullmatch(r"[A-Za-z0-9_]+", typed):
        raise invalid(field, "CHARACTERS", "A name has only the letters a to z, digits and _. Leave the others out.")
    if len(typed) > MAX_LENGTH:
        raise invalid(field, "TOO_LONG", f"A name has at most {MAX_LENGTH} characters, this one has {len(typed)}. Choose a shorter one.")
    key = typed.lower()
    # adm_in and _admin_ pass for admin as well as admin does.
    bare = key.replace("_", "")
    if not bare or key in _RESERVED or bare in _RESERVED:
        raise invalid(field, "RESERVED", f"The name {typed} is kept for the network itself. Choose another one.")
    return key
