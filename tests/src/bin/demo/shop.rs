//! A shop and its database on this machine, version after version.

use crate::show::{Show, flawless, title};

pub(crate) const RATE: u32 = 500;

pub(crate) async fn show(show: &Show<'_>) -> Result<(), String> {
    title("version 1.0.0: a shop and its database, for the first time");
    show.bench.pack("1.0.0", 0);
    show.expect(&["run", "local"], 0)?;

    title(&format!(
        "version 1.1.0 as a canary, under {} requests/s",
        show.rate
    ));
    show.bench.pack("1.1.0", 0);
    let tally = show
        .under_load(&["run", "local", "--version", "1.1.0"], 0)
        .await?;
    flawless(&tally)?;

    title("version 1.2.0 by blue/green, under the same load");
    show.bench.edit(
        "shop/deploy.toml",
        &[("strategy = \"careful\"", "strategy = \"switch\"")],
    );
    let switch = "[strategy.switch]\ntype = \"blue-green\"\nsoak = \"3s\"\nchecks = [\"alive\"]\nanalysis = [\"errors\"]\n\
                  min-healthy-time = \"500ms\"\n\n[check.alive]";
    show.bench.edit("shop/deploy.toml", &[("[check.alive]", switch)]);
    show.bench.pack("1.2.0", 0);
    let tally = show
        .under_load(&["run", "local", "--version", "1.2.0"], 0)
        .await?;
    flawless(&tally)?;

    title(
        "version 1.3.0 is broken: every fourth order fails. It goes out as a canary and comes back by itself",
    );
    show.bench.edit(
        "shop/deploy.toml",
        &[("strategy = \"switch\"", "strategy = \"careful\"")],
    );
    show.bench.pack("1.3.0", 4);
    let tally = show
        .under_load(&["run", "local", "--version", "1.3.0"], 4)
        .await?;
    let own = tally.answers(500, "1.3.0");
    eprintln!(
        "  bad answers: {own} from 1.3.0, {} from anybody else",
        tally.bad() - own
    );
    if tally.bad() != own {
        return Err(format!(
            "bad answers outside of the broken version's share: {tally:?}"
        ));
    }

    title("what there is now");
    show.expect(&["status", "local"], 0)?;
    show.expect(&["history"], 0)?;
    show.expect(&["explain", "local", "config/shop.toml:/greeting"], 0)?;
    title("the archive");
    show.expect(&["archive", "list"], 0)?;
    show.expect(&["archive", "verify"], 0)
}
