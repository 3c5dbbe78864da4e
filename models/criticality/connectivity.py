"""How well a link network still connects its nodes: connectivity loss and efficiency loss.

The measures are those of OpenQuake's infrastructure module (Poudel et al. 2023,
doi:10.1007/s10518-023-01693-z): complete, partial and weighted connectivity loss of demands
towards sources, and the loss of efficiency (Latora and Marchiori 2001,
doi:10.1103/PhysRevLett.87.198701). One shortest-path search per node, SciPy's, gives them all.
Distances are metres where every link of the service has a length, else hops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from models.errors import BadInputError, did_you_mean
from models.outcome import Outcome
from models.world import World

Mode = Literal["demand", "zones", "general"]
Weight = Literal["length_m", "hops"]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: Most distances in memory at a time (8 bytes each): bounds the memory for a large network.
CELLS = 2_000_000


@dataclass(frozen=True)
class LinkNetwork:
    """The nodes and links of one service, as arrays.

    ``nodes`` are asset ids in order; ``source`` and ``demand`` [nodes] mark sources and demands.
    ``tail``, ``head`` [links] are positions in ``nodes``; ``length`` [links] is in metres, or 1
    for a hop; ``directed`` [links] links lead from tail to head only.
    """

    service: str
    weight: Weight
    nodes: tuple[str, ...]
    source: Mask
    demand: Mask
    links: tuple[str, ...]
    tail: Indices
    head: Indices
    length: Floats
    directed: Mask

    @property
    def mode(self) -> Mode:
        """Return which measures apply; without sources or demands that is efficiency only."""
        if not self.source.any() or not self.demand.any():
            return "general"
        return "zones" if np.array_equal(self.source, self.demand) else "demand"

    @property
    def batch(self) -> int:
        """Return how many searches are made, and kept in memory, at a time."""
        return max(1, CELLS // len(self.nodes))

    @property
    def batches(self) -> int:
        """Return how many batches :func:`connectivity` makes at most."""
        return 2 * -(-len(self.nodes) // self.batch)


@dataclass(frozen=True)
class Reach:
    """Measures of each node in one state of the network; all [nodes].

    ``efficiency``: sum of 1/d to all that a node reaches, over the number of other nodes the
    whole network has. ``sources``: how many sources other than itself reach the node.
    ``closeness``: sum of 1/d from them. Distances of 0 add nothing to a sum.
    """

    efficiency: Floats
    sources: Indices
    closeness: Floats

    @property
    def weighted(self) -> Floats:
        """Return the number of sources times their closeness, OpenQuake's ``WS``."""
        return self.sources * self.closeness


@dataclass(frozen=True)
class Connectivity:
    """One network before and after. Losses are at most 1, and NaN if they are 0/0.

    ``ccl``, ``pcl`` and ``wcl`` are also NaN if the mode does not define them.
    """

    network: LinkNetwork
    before: Reach
    after: Reach

    @property
    def ccl(self) -> float:
        """Return the loss of demands that any source reaches."""
        if self.network.mode != "demand":
            return float("nan")
        demand = self.network.demand
        after, before = ((at.sources[demand] > 0).sum() for at in (self.after, self.before))
        return float(loss(after, before))

    @property
    def pcl(self) -> float:
        """Return the mean of ``pcl_of`` over demands."""
        return self._over_demands(self.pcl_of)

    @property
    def wcl(self) -> float:
        """Return the mean of ``wcl_of`` over demands."""
        return self._over_demands(self.wcl_of)

    @property
    def el(self) -> float:
        """Return the loss of all efficiency."""
        return float(loss(self.after.efficiency.sum(), self.before.efficiency.sum()))

    @property
    def pcl_of(self) -> Floats:
        """Return [nodes] the loss of sources that reach a node."""
        return loss(self.after.sources, self.before.sources)

    @property
    def wcl_of(self) -> Floats:
        """Return [nodes] the loss of sources weighted by closeness."""
        return loss(self.after.weighted, self.before.weighted)

    @property
    def el_of(self) -> Floats:
        """Return [nodes] the loss of efficiency; 0 if there was none before."""
        return np.nan_to_num(loss(self.after.efficiency, self.before.efficiency), nan=0.0)

    def _over_demands(self, losses: Floats) -> float:
        finite = losses[self.network.demand & ~np.isnan(losses)]
        return float(finite.mean()) if self.network.mode != "general" and len(finite) else np.nan


def loss(after: ArrayLike, before: ArrayLike) -> Floats:
    """Return 1 - after / before; NaN if before is 0."""
    was = np.asarray(before, dtype=np.float64)
    left: Floats = np.divide(after, was, out=np.full(was.shape, np.nan), where=was > 0)
    return 1.0 - left


# --- from a world and an outcome --------------------------------------------------------------


def link_network(world: World, service: str, meant: Iterable[str] = ()) -> LinkNetwork:
    """Return the network of one service.

    Nodes are the assets with a link, ``provides``, ``source_of`` or ``flows`` of it. Sources
    produce it or have a supply; demands have one above 0.

    Parameters
    ----------
    world
        With its links and flows.
    service
        The id of the service that the links carry.
    meant
        Ids of services that ``service`` may mean, for a hint if no link carries it.

    Returns
    -------
    The network, its nodes ordered by id.

    Raises
    ------
    BadInputError
        If no link of the world carries ``service``.
    """
    links = sorted(
        (link for link in world.links.values() if link.service == service),
        key=lambda link: link.link_id,
    )
    if not links:
        carried = f"Links carry {', '.join(world.link_services) or 'nothing'}."
        hint = did_you_mean(service, world.link_services, carried, meant)
        raise BadInputError([f"No link carries the service '{service}'. {hint}"])
    flows = [flow for flow in world.flows if flow.service == service]
    sources = {a.asset_id for a in world.assets.values() if service in a.source_of}
    sources |= {flow.asset_id for flow in flows if flow.supply is not None}
    demands = {flow.asset_id for flow in flows if flow.demand}
    members = sources | {flow.asset_id for flow in flows}
    members |= {a.asset_id for a in world.assets.values() if service in a.provides}
    members |= {end for link in links for end in (link.from_id, link.to_id)}
    nodes = tuple(sorted(members))
    at = {node: position for position, node in enumerate(nodes)}
    lengths = [link.length_m for link in links]
    measured = None not in lengths
    return LinkNetwork(
        service=service,
        weight="length_m" if measured else "hops",
        nodes=nodes,
        source=np.array([node in sources for node in nodes]),
        demand=np.array([node in demands for node in nodes]),
        links=tuple(link.link_id for link in links),
        tail=np.array([at[link.from_id] for link in links]),
        head=np.array([at[link.to_id] for link in links]),
        length=np.array(lengths if measured else np.ones(len(links)), dtype=np.float64),
        directed=np.array([link.directed for link in links]),
    )


def out_at(outcome: Outcome, t_ms: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return the assets at level 0, and the links hit, at the end of instant ``t_ms``."""
    levels, links = outcome.levels, outcome.link_hits
    return frozenset(_at_zero(levels, t_ms)), frozenset(_at_zero(links, t_ms))


def _at_zero(courses: Mapping[str, tuple[tuple[int, float], ...]], t_ms: int) -> Iterator[str]:
    for name, steps in courses.items():
        if next((level for since, level in reversed(steps) if since <= t_ms), 1.0) <= 0:
            yield name


# --- the searches -----------------------------------------------------------------------------


def connectivity(
    network: LinkNetwork,
    assets_out: frozenset[str],
    links_out: frozenset[str],
    batch_done: Callable[[], object] = lambda: None,
) -> Connectivity:
    """Measure the whole network, and without some of its assets and links.

    Parameters
    ----------
    network
        The nodes and links of one service.
    assets_out, links_out
        Ids of assets and links that are out.
    batch_done
        Called after each of at most ``network.batches`` batches of searches; it may raise to stop.
    """
    whole = np.ones(len(network.links), dtype=bool)
    nodes_left = np.array([node not in assets_out for node in network.nodes])
    links_left = np.array([link not in links_out for link in network.links])
    links_left &= nodes_left[network.tail] & nodes_left[network.head]
    before = reach(network, whole, np.arange(len(network.nodes)), batch_done)
    # an untouched part keeps its measures
    _, part = connected_components(_graph(network, whole), directed=False)
    hit = np.isin(part, np.union1d(part[~nodes_left], part[network.tail[~links_left]]))
    now = reach(network, links_left, np.flatnonzero(hit & nodes_left), batch_done)
    after = Reach(
        efficiency=np.where(hit, now.efficiency, before.efficiency),
        sources=np.where(hit, now.sources, before.sources),
        closeness=np.where(hit, now.closeness, before.closeness),
    )
    return Connectivity(network, before, after)


def reach(
    network: LinkNetwork,
    links_left: Mask,
    origins: Indices,
    batch_done: Callable[[], object] = lambda: None,
) -> Reach:
    """Search from each of the ``origins`` [positions in nodes] along ``links_left`` [links].

    Parameters
    ----------
    network
        The nodes and links of one service.
    links_left
        Whether each link is in use, [links].
    origins
        Positions in ``network.nodes``. Other nodes get an efficiency of 0, and other sources do
        not count.
    batch_done
        Called after each batch of searches; it may raise to stop.
    """
    n = len(network.nodes)
    graph = _graph(network, links_left)
    efficiency, closeness = np.zeros(n), np.zeros(n)
    sources = np.zeros(n, dtype=np.int64)
    for start in range(0, len(origins), network.batch):
        rows = origins[start : start + network.batch]
        distance = dijkstra(graph, indices=rows)
        feeding = network.source[rows]
        sources += np.isfinite(distance[feeding]).sum(axis=0)
        near = np.divide(1.0, distance, out=np.zeros_like(distance), where=distance > 0)
        efficiency[rows] = near.sum(axis=1) / max(1, n - 1)
        closeness += near[feeding].sum(axis=0)
        batch_done()
    own = origins[network.source[origins]]
    sources[own] -= 1  # a source does not count for itself; its distance of 0 is in no sum
    return Reach(efficiency, sources, closeness)


def _graph(network: LinkNetwork, links_left: Mask) -> csr_array:
    """Return the shortest arc of each ordered pair of nodes; lengths of 0 are kept."""
    back = links_left & ~network.directed
    tail = np.concatenate([network.tail[links_left], network.head[back]])
    head = np.concatenate([network.head[links_left], network.tail[back]])
    length = np.concatenate([network.length[links_left], network.length[back]])
    order = np.lexsort((length, head, tail))
    tail, head, length = tail[order], head[order], length[order]
    # SciPy would add up parallel arcs
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
    n = len(network.nodes)
    return csr_array((length[first], (tail[first], head[first])), shape=(n, n))
