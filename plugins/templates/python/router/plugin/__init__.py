"""A router: sends users to revisions by weight, on a load balancer with an HTTP API. What that speaks is in `api.py`, every verb
that Slipway calls in `verbs.py`.

The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.
"""

from slipway_sdk import export

from .verbs import Plugin

Router = export(Plugin)
