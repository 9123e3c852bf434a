"""A target: runs workloads of kind `process` on a platform with an HTTP API. What the platform speaks is in `api.py`, every verb
that Slipway calls in `verbs.py`.

The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.
"""

from slipway_sdk import export

from .verbs import Plugin

Target = export(Plugin)
