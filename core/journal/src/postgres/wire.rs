//! A connection that is made again when it is lost.
//!
//! Whatever is asked is asked once more after a loss, with the word that an earlier attempt may have come through; for
//! as long as the settings say, counted from when the server was first missed. Nothing is held on the server between
//! two statements, so that a program that is stopped in the middle locks nobody out.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    db::{Db, Trouble},
    place::{Place, reason, reason_of_refusal},
    schema,
    settings::PostgresSettings,
};
use crate::{Error, Result};

/// How long the first connection is tried for: an address may be wrong.
const OPENING: Duration = Duration::from_secs(10);
/// How long who closes waits for a server that is lost.
const CLOSING: Duration = Duration::from_secs(2);
/// After this an answer does not come any more: the connection is given up, and the work looked for anew.
const ANSWER: Duration = Duration::from_secs(60);
/// Who is slower that often does not race, but asks for what cannot be.
const RACES: u32 = 100;
const GOOD_BYE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// What every connection of a store is made from.
pub(super) struct Server {
    pub(super) place: Arc<Place>,
    settings: PostgresSettings,
    tls: MakeRustlsConnect,
    /// Makes the tables where there are none.
    makes: bool,
    /// Somebody was told that it does not answer.
    missing: AtomicBool,
    pub(super) closing: AtomicBool,
}

/// One thread's connection.
pub(super) struct Wire {
    server: Arc<Server>,
    runtime: Runtime,
    db: Option<Db>,
    /// How long an answer may take.
    answer: Duration,
    /// It was there before.
    opened: bool,
    /// Since when it is not.
    missed: Option<Instant>,
}

impl Server {
    pub(super) fn new(settings: PostgresSettings, makes: bool) -> Result<Self> {
        let place = Place {
            ledger: settings.ledger.clone(),
        };
        Ok(Self {
            tls: settings.tls.connector().map_err(|reason| place.refused(reason))?,
            place: Arc::new(place),
            settings,
            makes,
            missing: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        })
    }
}

impl Wire {
    pub(super) fn new(server: Arc<Server>) -> io::Result<Self> {
        Ok(Self {
            server,
            runtime: Builder::new_current_thread().enable_all().build()?,
            db: None,
            answer: ANSWER,
            opened: false,
            missed: None,
        })
    }

    /// For what takes long.
    pub(super) fn patient(mut self, answer: Duration) -> Self {
        self.answer = answer;
        self
    }

    /// Asks until there is an answer. `again` says that an earlier attempt may have been heard.
    pub(super) fn ask<T>(
        &mut self,
        operation: &'static str,
        mut attempt: impl AsyncFnMut(&mut Db, bool) -> Result<T, Trouble>,
    ) -> Result<T> {
        let mut pause = FIRST_PAUSE;
        let mut again = false;
        let mut races = 0;
        loop {
            let reason = match self.attempt(&mut attempt, again) {
                Ok(answer) => {
                    if let Some(since) = self.missed.take()
                        && self.server.missing.swap(false, Ordering::Relaxed)
                    {
                        self.tell(&format!(
                            "answers again, after {:.1} s",
                            since.elapsed().as_secs_f64()
                        ));
                    }
                    self.opened = true;
                    return Ok(answer);
                }
                Err(Trouble::Refused(error)) => return Err(error),
                Err(Trouble::Raced(_)) if races < RACES => {
                    again = true;
                    races += 1;
                    continue;
                }
                Err(Trouble::Raced(error)) => return Err(self.server.place.error(operation, &error)),
                Err(Trouble::Silent) => format!("no answer for {} s", self.answer.as_secs()),
                Err(Trouble::Sql(error)) if passes(&error) => reason(&error),
                Err(Trouble::Sql(error)) => return Err(self.server.place.error(operation, &error)),
            };
            again = true;
            self.db = None;
            self.wait(&mut pause, reason)?;
        }
    }

    fn attempt<T>(
        &mut self,
        attempt: &mut impl AsyncFnMut(&mut Db, bool) -> Result<T, Trouble>,
        again: bool,
    ) -> Result<T, Trouble> {
        let (server, db, patience) = (&self.server, &mut self.db, self.answer);
        self.runtime.block_on(async {
            let db = match db {
                Some(db) if !db.client.is_closed() => db,
                db => db.insert(connect(server).await?),
            };
            let asked = tokio::time::timeout(patience, attempt(db, again)).await;
            asked.unwrap_or(Err(Trouble::Silent))
        })
    }

    /// Before the next attempt; an error when there were enough.
    fn wait(&mut self, pause: &mut Duration, reason: String) -> Result<()> {
        let Server { place, settings, .. } = &*self.server;
        let ledger = place.ledger.clone();
        if self.opened && !self.server.missing.swap(true, Ordering::Relaxed) {
            self.tell(&format!("does not answer ({reason}); waiting for it"));
        }
        let since = *self.missed.get_or_insert_with(Instant::now);
        let limit = match self.server.closing.load(Ordering::Relaxed) {
            true => CLOSING.min(settings.patience),
            false if self.opened => settings.patience,
            false => OPENING.min(settings.patience),
        };
        let waited = since.elapsed();
        if waited >= limit {
            return Err(match self.opened {
                true => Error::Lost {
                    ledger,
                    waited,
                    reason,
                },
                false => Error::Unreachable { ledger, reason },
            });
        }
        thread::sleep((*pause).min(limit - waited));
        *pause = (*pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }

    fn tell(&self, what: &str) {
        let Server { place, settings, .. } = &*self.server;
        (settings.tell)(&format!("the ledger {} {what}", place.ledger));
    }
}

impl Drop for Wire {
    /// Says good-bye, so that the server's log does not speak of a lost client.
    fn drop(&mut self) {
        if let Some(Db { client, driver, .. }) = self.db.take() {
            drop(client);
            // Whether it was heard or not, the connection ends here.
            let gone = async { tokio::time::timeout(GOOD_BYE, driver).await };
            let _ = self.runtime.block_on(gone);
        }
    }
}

/// What does not pass is told as what is wrong with the ledger as a whole.
async fn connect(server: &Server) -> Result<Db, Trouble> {
    prepare(server).await.map_err(|trouble| match trouble {
        Trouble::Sql(error) if !passes(&error) => {
            Trouble::Refused(server.place.refused(reason_of_refusal(&error)))
        }
        trouble => trouble,
    })
}

async fn prepare(server: &Server) -> Result<Db, Trouble> {
    let Server {
        place, settings, tls, ..
    } = server;
    let (client, connection) = settings.config.connect(tls.clone()).await?;
    let driver = tokio::spawn(async move { drop(connection.await) });
    let mut db = Db::new(place.clone(), client, driver);
    // Whatever the role or the database has set: what is confirmed is on the disk, a statement sees what was committed
    // before it, and how long it may take is decided here.
    db.client
        .batch_execute(
            "SET default_transaction_isolation = 'read committed'; SET statement_timeout = 0; SET lock_timeout = 0;
             SELECT set_config('synchronous_commit', 'on', false)
             WHERE current_setting('synchronous_commit') IN ('off', 'local')",
        )
        .await?;
    schema::ready(&mut db, server.makes).await?;
    Ok(db)
}

/// Whether it is worth asking again: the server or the way to it is gone, starting, stopping, interrupted by somebody,
/// full, or a standby that may be promoted.
fn passes(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        Some(code) => {
            let code = code.code();
            code.starts_with("08") || code.starts_with("57") || ["53300", "25006"].contains(&code)
        }
        None => error.is_closed() || is_io(error),
    }
}

fn is_io(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut inner = Some(error);
    while let Some(error) = inner {
        if error.is::<rustls::Error>() {
            return false;
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            let tls = io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
            return !tls;
        }
        inner = error.source();
    }
    false
}
