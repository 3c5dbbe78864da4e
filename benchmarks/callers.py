"""People at a server with sign-in, as their pages ask: each has cookies and an address."""

from __future__ import annotations

from typing import Any

import httpx

Plain = dict[str, Any]
UPDATE = "/_dash-update-component"
PASSWORD = "correct horse battery"  # noqa: S105  of a server that lives for a minute
PATIENCE_S = 120


class Caller:
    """Somebody at one loopback address, such as 127.0.0.7."""

    def __init__(self, server: str, address: str = "127.0.0.1", cookies: Plain | None = None):
        transport = httpx.HTTPTransport(local_address=address)
        self.client = httpx.Client(
            base_url=server, transport=transport, timeout=PATIENCE_S, cookies=cookies
        )
        self._known: list[Plain] = []

    @property
    def cookies(self) -> dict[str, str]:
        """Return the cookies so far."""
        return dict(self.client.cookies)

    def post(self, path: str, **body: Any) -> httpx.Response:
        """Post JSON and return the answer; raises where it is refused."""
        return self.client.post(path, json=body).raise_for_status()

    def body(self, first_input: str, *values: Any, into: str = "") -> Plain:
        """Return the call of a callback, as Dash's page makes it.

        Parameters
        ----------
        first_input
            The id and property of its first input.
        values
            Of its inputs and states.
        into
            Part of the name of its output, where several have the same input.
        """
        self._known = self._known or self.client.get("/_dash-dependencies").json()
        call = next(
            callback
            for callback in self._known
            if not callback.get("clientside_function")
            and "{id}.{property}".format(**callback["inputs"][0]) == first_input
            and into in callback["output"]
        )
        output = call["output"]
        several = output.startswith("..")
        named = [output.rsplit(".", 1) for output in output.strip(".").split("...")]
        outputs = [{"id": i, "property": p.partition("@")[0]} for i, p in named]
        declared = [*call["inputs"], *call["state"]]
        sent = [
            {"id": item["id"], "property": item["property"], "value": value}
            for item, value in zip(declared, (*values, *[None] * len(declared)), strict=False)
        ]
        count = len(call["inputs"])
        return {
            "output": output,
            "outputs": outputs if several else outputs[0],
            "inputs": sent[:count],
            "state": sent[count:],
            "changedPropIds": [first_input],
        }

    def call(self, first_input: str, *values: Any, into: str = "") -> Plain:
        """Make the call and return what it tells, by the id of each output.

        Parameters
        ----------
        first_input, values, into
            As for :meth:`body`.
        """
        body = self.body(first_input, *values, into=into)
        told: Plain = self.post(UPDATE, **body).json()["response"]
        return {name: props.get("data") for name, props in told.items()}

    def act(self, scenario: Plain, **action: Any) -> Plain:
        """Change a scenario as the page does; return it as it is then."""
        action["base_rev"] = scenario["rev"]
        told: Plain = self.call("action.data", action, scenario)["scenario"]
        return told
