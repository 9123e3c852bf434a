"""A format: an archive (tar.gz, tar.zst, tar or zip) that says in a file `app.json` how its program is started. Renders a workload
of kind `process`, which any target for processes can run. All of it is in `archive.py`.
"""

from slipway_sdk import export

from .archive import Plugin

Format = export(Plugin)
