// A format: an archive (tar.gz, tar.zst, tar or zip) that says in a file `app.json` how its program is started. Renders a
// workload of kind `process`, which any target for processes can run.

import { format } from "#slipway";
import * as blobs from "#slipway/blobs";

import { APP, app, rendered } from "./app.js";

export default format({
  // What `inspect` finds is kept in the package, and `render` is told of it.
  facts: APP,

  inspect({ blob }) {
    const files = blobs.files(blob);
    const facts = app(files);
    return { summary: `${files.length} files, starts ${facts.command.join(" ")}`, facts };
  },

  render: rendered,
});
