"""The page to sign in, or to join by an invitation.

It reveals nothing about the world or any session; ``assets/page/doors`` fills it in.
"""

from __future__ import annotations

from html import escape

from models.wording import _, spoken

_PAGE = """<!doctype html>
<html lang="LANGUAGE">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>TITLE</title>
<link rel="icon" href="/_favicon.ico">
<link rel="stylesheet" href="/assets/00_tokens.css">
<link rel="stylesheet" href="/assets/05_base.css">
<link rel="stylesheet" href="/assets/doorway/doorway.css">
<script src="WORDS" defer></script>
<script type="module" src="MODULE"></script>
</head>
<body class="doorway">
<main>
<h1 class="brand"><span class="brand-dot"></span>Knock-on</h1>
<p id="problem" class="problem" role="alert"></p>
<form id="join" class="stack" hidden>
<p id="invited" role="status">INVITED</p>
<label class="field"><span>YOUR_NAME</span>
<input name="name" maxlength="60" required autocomplete="nickname"></label>
<button class="primary wide">JOIN</button>
</form>
<form id="sign-in" class="stack" hidden>
<h2>SIGN_IN</h2>
<p>HINT</p>
<label class="field"><span>NAME</span>
<input name="name" maxlength="120" required autocomplete="username"></label>
<label class="field"><span>PASSWORD</span>
<input name="password" type="password" maxlength="300" required
autocomplete="current-password"></label>
<button class="primary wide">SIGN_IN</button>
ORGANISATION
</form>
<noscript><p class="problem">NO_SCRIPT</p></noscript>
</main>
</body>
</html>
"""
_ORGANISATION = '<a class="organisation" href="/sign-in/organisation">WITH_ORGANISATION</a>'


def doorway(words_address: str, module_address: str, *, organisation: bool) -> str:
    """Return the page; ``organisation``: whether to offer the organisation's sign-in.

    ``words_address`` is the address of the script's texts, ``module_address`` that of the script.
    """
    page = _PAGE.replace("\nORGANISATION", f"\n{_ORGANISATION}" if organisation else "\n")
    said = {
        "LANGUAGE": spoken().code,
        "WORDS": words_address,
        "MODULE": module_address,
        "TITLE": _("Knock-on: sign in"),
        "INVITED": _("Checking your invitation…"),
        "YOUR_NAME": _("Your name, as others will see it"),
        "JOIN": _("Join"),
        "SIGN_IN": _("Sign in"),
        "HINT": _("If you were invited, open your link or code. Accounts are for facilitators."),
        "NAME": _("Name"),
        "PASSWORD": _("Password"),
        "NO_SCRIPT": _("Knock-on needs JavaScript."),
        "WITH_ORGANISATION": _("Sign in with your organisation"),
    }
    # the longer names first: one is a part of another
    for place in sorted(said, key=len, reverse=True):
        page = page.replace(place, escape(said[place]))
    return page
