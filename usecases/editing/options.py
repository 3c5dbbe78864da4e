"""Options: branches of one scenario, started with a name, opened, put away and brought back."""

from __future__ import annotations

from functools import partial

from models.errors import BadInputError
from models.revisions import name_taken
from models.rights.permission import require_leads
from models.wording import _
from usecases import reading
from usecases.editing.actions import Branch, DeleteOption, OpenOption, OptionChange
from usecases.ports import Saved
from usecases.seat import Seat
from usecases.threads import writing


async def changed(seat: Seat, scenario_id: str | None, action: OptionChange) -> Saved:
    """Carry out a request about an option and return the scenario to show then.

    Parameters
    ----------
    seat
        The seat of the user.
    scenario_id
        The scenario that their page shows; None before the first change.
    action
        What the user does with an option.

    Raises
    ------
    KnockOnError
        If there is no scenario yet, the option is not of its family, it is the last one, or
        the user may not create or delete options, which belong to all users.
    """
    if scenario_id is None:
        raise BadInputError([_("Change something first: an option starts from a scenario.")])
    if not isinstance(action, OpenOption):
        require_leads(seat.who)
    store, who = seat.store, seat.who.id
    family = {relative.id: relative for relative in await reading.family(seat, scenario_id)}
    if isinstance(action, Branch):
        where = (scenario_id, action.name, action.base_rev)
        # as they read the names: one that is hidden from them refuses nothing
        if action.name in dict(reading.option_names(seat, list(family.values()))).values():
            raise name_taken(action.name)
        signature = seat.seen.signature
        return await writing(partial(store.branch, signature=signature), *where, author=who)
    related = await reading.family(seat, action.id)
    if not family.keys() & {relative.id for relative in related}:
        raise BadInputError([_("That is no option of this scenario. Reload the page.")])
    if isinstance(action, OpenOption):
        return await reading.current(seat, action.id)
    if isinstance(action, DeleteOption):
        return await _deleted(seat, scenario_id, family, action.id)
    return await writing(store.restore, action.id, "brought back", author=who)


async def _deleted(seat: Seat, scenario_id: str, family: dict[str, Saved], option: str) -> Saved:
    rest = [member for member in family.values() if member.id != option]
    if not rest or option not in family:
        raise BadInputError([_("The only option cannot be deleted.")])
    now = family[option].revision
    await writing(seat.store.delete, option, now, "option put away", author=seat.who.id)
    return next((relative for relative in rest if relative.id == scenario_id), rest[0])
