"""Which measures are possible: for which service, at which type of asset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: (measure, service, asset type) → whether it can be taken
IsPossible = Callable[[str, str, str], bool]

#: Wildcard in a row of the table: everything that no other row names.
ANY = "*"


def anything(_measure: str, _service: str, _asset_type: str) -> bool:
    """Return True: every measure is possible. For worlds that the table does not cover.

    Parameters
    ----------
    _measure, _service, _asset_type
        Ids as in the table of measures; ignored.
    """
    return True


@dataclass(frozen=True, slots=True)
class PossibleMeasures:
    """The table of measures by (measure, service, asset type); without a row it is impossible."""

    rows: Mapping[tuple[str, str, str], bool]

    def __call__(self, measure: str, service: str, asset_type: str) -> bool:
        """Return the value of the most specific row: by asset type first, then by service.

        Parameters
        ----------
        measure
            ``supply`` or the name of a scenario's measure.
        service
            The service that the asset lacks.
        asset_type
            Type of the asset at which it would be applied.
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
