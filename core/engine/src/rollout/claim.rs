//! One writer at a place, also where whoever else knows of it has another ledger: a run claims the place before it looks
//! at it, renews the claim until it ends, and waits while another has it.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use slipway_journal::Class;
use slipway_plugin::{Call, Claim, Place, Unrecorded};

use super::Site;
use crate::{
    Engine, Event, Failed, Interruption, Run, RunError,
    run::{Claimant, Wait},
};

/// The activity that records by which claim a run works.
const TOKEN: &str = "claim/token";
const POLL: Duration = Duration::from_secs(1);

/// To be called before anything at the place is looked at: what is seen then stays so. Of one run, once.
pub(crate) async fn claim(engine: &Engine, run: &Run, site: &Site) -> Result<(), RunError> {
    if run.has_claimed() || run.is_replayed() {
        return Ok(());
    }
    let claimant = Claimant {
        target: site.target.clone(),
        place: site.place.clone(),
        call: site.grants(Call::new(Arc::new(Unrecorded))),
        by: format!("{}, run {}", engine.ambient.who(), run.id()),
    };
    let mut wait = Wait::new(engine.wait);
    let token = loop {
        let other = match claimant.claim().await? {
            None => break String::new(),
            Some(claim) if claim.ours => break claim.token,
            Some(other) => other,
        };
        let (by, text) = words(site, &other);
        if wait.begins() {
            let reason = format!("{by}: {text}; Ctrl-C ends the waiting");
            engine.observer.event(run.id(), &Event::Waiting { reason });
        }
        let told_to_abort = run.untold().await?.abort;
        if !told_to_abort && !wait.is_over() && !run.rest(POLL).await {
            continue;
        }
        // What this run has begun before an interruption is for a resume to finish.
        if had_claimed(run) {
            return Err(Interruption::Stopped.into());
        }
        if told_to_abort {
            return Err(Failed::aborted().into());
        }
        return Err(Failed::new(format!("{text} by {by}, and nothing was touched"))
            .hint("it lets go when it ends, or a minute after it has died; `--wait DURATION` waits longer")
            .into());
    };
    run.keep_claim(claimant);
    let now = token.clone();
    let known: String = run
        .activity(TOKEN, Class::Read, Value::Null, || async { Ok(now) })
        .await?;
    if known == token {
        return Ok(());
    }
    let text = format!(
        "{} in {} has been changed from another ledger since this run was interrupted",
        site.place.service, site.place.environment
    );
    Err(Failed::new(text)
        .hint("`slipway status` shows what runs; deploy anew what shall run")
        .into())
}

/// Whether a run that somebody has ended had looked at the place yet.
pub(crate) fn had_claimed(run: &Run) -> bool {
    run.has(TOKEN)
}

/// Who it is, and what is so.
fn words(site: &Site, claim: &Claim) -> (String, String) {
    let since = claim
        .since
        .and_then(|since| jiff::Timestamp::from_millisecond(i64::try_from(since).ok()?).ok());
    let since = since.map_or_else(String::new, |since| {
        format!(" (since {})", since.strftime("%Y-%m-%d %H:%M:%S UTC"))
    });
    let Place {
        service, environment, ..
    } = &site.place;
    let text = format!("{service} in {environment} is being changed from another ledger");
    (format!("{}{since}", claim.by), text)
}
