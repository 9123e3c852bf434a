"""A check: asks a service with an HTTP API whether a revision is well. Only reads. All of it is in `scores.py`.

The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.
"""

from slipway_sdk import export

from .scores import Plugin

Check = export(Plugin)
