"""Which measures are possible: for which service, at which type of asset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: (measure, service, asset type) → whether it can be taken
IsPossible = Callable[[str, str, str], bool]

#: In a row of the table: whatever is not named by another row.
ANY = "*"


def anything(_measure: str, _service: str, _asset_type: str) -> bool:
    """Return that every measure can be taken: for worlds that the table knows nothing of.

    Parameters
    ----------
    _measure, _service, _asset_type
        Ids as in the table of measures; any will do.
    """
    return True


@dataclass(frozen=True, slots=True)
class PossibleMeasures:
    """The table of measures by (measure, service, asset type); what no row names is impossible."""

    rows: Mapping[tuple[str, str, str], bool]

    def __call__(self, measure: str, service: str, asset_type: str) -> bool:
        """Return what the most special row says: of the asset type first, then of the service.

        Parameters
        ----------
        measure
            ``supply`` or the name of a scenario's measure.
        service
            What the asset lacks.
        asset_type
            The type of the asset at which it would be taken.
        """
        for key in (
            (measure, service, asset_type),
            (measure, ANY, asset_type),
            (measure, service, ANY),
            (measure, ANY, ANY),
        ):
            if key in self.rows:
                return self.rows[key]
        return False
