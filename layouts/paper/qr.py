"""An address as a QR code, to scan from a projection."""

from __future__ import annotations

import segno


def qr_address(text: str) -> str:
    """Return a QR code as the ``data:`` address of an SVG picture, dark on light in any theme."""
    # error correction level M: glare or a fold may hide a part of it
    code = segno.make(text, error="m", micro=False)
    return str(code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))
