"""What the server sends to the page's scripts: the types of the payloads that two languages share.

What each field means is in ``docs/reference/page.md`` and ``live.md``. ``tests/payloads.py`` makes
a JSON schema of these types, against which examples are checked in both languages.
"""
