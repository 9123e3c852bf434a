"""What the load balancer speaks. Change this to what yours does."""

from dataclasses import dataclass

import slipway_sdk as sdk


@dataclass(frozen=True)
class Backend:
    instance: str
    address: str


@dataclass(frozen=True)
class Share:
    revision: str
    weight: int
    backends: list[Backend]


@dataclass(frozen=True)
class Wanted:
    """`PUT /v1/routes/NAME`"""

    host: str
    shares: list[Share]

    @classmethod
    def of(cls, host: str, routing: sdk.Routing) -> "Wanted":
        def backends(share: sdk.Share) -> list[Backend]:
            return [Backend(backend.instance, backend.address) for backend in share.backends]

        return cls(host, [Share(share.revision, share.weight, backends(share)) for share in routing.shares])


@dataclass(frozen=True)
class Flow:
    revision: str
    instance: str
    weight: sdk.U32
    in_flight: sdk.U64


@dataclass(frozen=True)
class Found:
    """`GET /v1/routes/NAME`"""

    address: str | None
    flows: list[Flow]

    def in_flight(self, instance: str) -> int:
        return sum(flow.in_flight for flow in self.flows if flow.instance == instance)

    def seen(self) -> sdk.ObservedRoute:
        """As Slipway wants to know it."""
        flows = [sdk.Flow(flow.revision, flow.instance, flow.weight, flow.in_flight) for flow in self.flows]
        return sdk.ObservedRoute(address=self.address, flows=flows)


NOTHING = Found(address=None, flows=[])
"""Before the first `route`."""
