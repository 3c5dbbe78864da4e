"""Whether all that can be pressed can be got at: nothing covered, cut off or off the side."""

from __future__ import annotations

from playwright.sync_api import Page

#: Scrolls each control into sight as its reader would, and looks what lies at its middle. What a
#: container hides beyond its edge (overflow: hidden) a script can scroll to and a person cannot.
#: While something modal, a drawer or a menu is open, what lies below it need not be reached. Rows
#: of a table have a scroller of their own.
_OUT_OF_REACH = """() => {
  const menu = [...document.querySelectorAll('details[open] > .popover')]
    .find((one) => one.checkVisibility());
  const side = document.getElementById(document.getElementById('page').dataset.drawer || '');
  const root = document.querySelector('dialog[open]') || menu ||
    (side && getComputedStyle(side).position === 'fixed' ? side : document);
  const name = (one) => `${one.tagName}#${one.id} ${(one.getAttribute('aria-label') ||
    one.textContent || '').trim().slice(0, 40)}`;
  const bad = [];
  for (const one of root.querySelectorAll('button, a[href], select, input, textarea, summary')) {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.disabled ||
      one.closest('.ag-row, .sr-only, [inert], [aria-hidden=true], .skip-link')) continue;
    one.scrollIntoView({ block: 'center', inline: 'center' });
    const box = one.getClientRects()[0];
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!hit || !(one.contains(hit) || hit.closest('label')?.contains(one)))
      bad.push(`${name(one)} is covered by ${hit ? name(hit) : 'nothing, it is off the screen'}`);
    for (let up = one.parentElement; up && up !== document.body; up = up.parentElement) {
      if (!/hidden|clip/.test(getComputedStyle(up).overflow) || !(up.scrollTop || up.scrollLeft))
        continue;
      bad.push(`${name(one)} is cut off by ${up.id || up.className}`);
      up.scrollTo(0, 0);
    }
  }
  const read = '.side, .exercise, .compare-body, .weak-panel, .card, dialog[open]';
  for (const one of [document.documentElement, ...document.querySelectorAll(read)])
    if (one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
      bad.push(`${name(one)} has to be scrolled sideways`);
  return bad;
}"""


def out_of_reach(page: Page) -> list[str]:
    """Return what on the page cannot be pressed or read without scrolling in two directions."""
    return page.evaluate(_OUT_OF_REACH)  # type: ignore[no-any-return]
