"""A warning as a Common Alerting Protocol 1.2 message (OASIS), with the standard library."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree as ET

from models.errors import BadInputError
from models.papers.alert import Alert
from models.wording import _

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
#: The standard forbids these characters in the identifier and the sender.
_FORBIDDEN = set(" ,<&")


def cap(alert: Alert) -> bytes:
    """Return the message as XML.

    Raises
    ------
    BadInputError
        If it has no usable identifier or sender, or no area.
    """
    wrong = _("The {name} '{given}' of an alert is required, without spaces, commas, < or &.")
    problems = [
        wrong.format(name=name, given=value[:40])
        for name, value in (("identifier", alert.identifier), ("sender", alert.sender))
        if not value or _FORBIDDEN & set(value) or not value.isprintable()
    ]
    if not alert.polygons or any(len(r) < 4 or r[0] != r[-1] for r in alert.polygons):
        problems.append(_("The area of a message must be a closed ring of at least four points."))
    if problems:
        raise BadInputError(problems)
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}alert")
    scope = "Restricted" if alert.restriction else "Public"
    _texts(
        root,
        identifier=alert.identifier,
        sender=alert.sender,
        sent=alert.sent,
        status=alert.status,
        msgType="Alert",
        scope=scope,
        restriction=alert.restriction,
        note=alert.note,
    )
    _info(ET.SubElement(root, f"{{{NAMESPACE}}}info"), alert)
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _info(info: ET.Element, alert: Alert) -> None:
    _texts(
        info,
        language=alert.language,
        category="Infra",
        event=alert.event,
        urgency=alert.urgency,
        severity=alert.severity,
        certainty=alert.certainty,
        headline=alert.headline,
        description=alert.description,
        instruction=alert.instruction,
    )
    if alert.run_id:
        parameter = ET.SubElement(info, f"{{{NAMESPACE}}}parameter")
        _texts(parameter, valueName="knock-on run", value=alert.run_id)
    area = ET.SubElement(info, f"{{{NAMESPACE}}}area")
    _texts(area, areaDesc=alert.area)
    for ring in alert.polygons:
        # the standard has latitude first
        _texts(area, polygon=" ".join(f"{y:.4f},{x:.4f}" for x, y in ring))


def _texts(parent: ET.Element, **texts: str) -> None:
    """Add one element for each non-empty text, in their order."""
    for name, text in texts.items():
        if text:
            ET.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = _clean(text)


def _clean(text: str) -> str:
    """Return a text without the characters that XML cannot carry."""
    return "".join(
        c for c in text if c in "\t\n" or unicodedata.category(c) not in ("Cc", "Cs", "Cn")
    )
