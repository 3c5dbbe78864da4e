"""The page before the page: where people sign in, or join by an invitation.

It says nothing of the world or of any session; ``assets/doorway`` fills it in.
"""

from __future__ import annotations

from html import escape

from models.wording import spoken

_PAGE = """<!doctype html>
<html lang="LANGUAGE">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Knock-on: come in</title>
<link rel="icon" href="/_favicon.ico">
<link rel="stylesheet" href="/assets/00_tokens.css">
<link rel="stylesheet" href="/assets/05_base.css">
<link rel="stylesheet" href="/assets/doorway/doorway.css">
<script src="WORDS" defer></script>
<script src="/assets/02_words.js" defer></script>
<script src="/assets/doorway/doorway.js" defer></script>
</head>
<body class="doorway">
<main>
<h1 class="brand"><span class="brand-dot"></span>Knock-on</h1>
<p id="problem" class="problem" role="alert"></p>
<form id="join" class="stack" hidden>
<p id="invited" role="status">Looking at your invitation…</p>
<label class="field"><span>Your name, as the others shall see it</span>
<input name="name" maxlength="60" required autocomplete="nickname"></label>
<button class="primary wide">Join</button>
</form>
<form id="sign-in" class="stack" hidden>
<h2>Sign in</h2>
<p>You were invited? Then open the link or the code that you were given.
Accounts are for who leads.</p>
<label class="field"><span>Name</span>
<input name="name" maxlength="120" required autocomplete="username"></label>
<label class="field"><span>Password</span>
<input name="password" type="password" maxlength="300" required
autocomplete="current-password"></label>
<button class="primary wide">Sign in</button>
ORGANISATION
</form>
<noscript><p class="problem">Knock-on needs JavaScript.</p></noscript>
</main>
</body>
</html>
"""
_ORGANISATION = (
    '<a class="organisation" href="/sign-in/organisation">Sign in with your organisation</a>'
)


def doorway(words_address: str, *, organisation: bool) -> str:
    """Return the page; ``organisation``: people may also sign in through theirs.

    ``words_address`` is where the page's scripts find what they say.
    """
    page = _PAGE.replace("ORGANISATION", _ORGANISATION if organisation else "")
    return page.replace("LANGUAGE", spoken().code).replace("WORDS", escape(words_address))
