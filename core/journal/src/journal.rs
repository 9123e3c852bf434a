//! The journal of one run under way: entries are checked against the status before they are appended.
//!
//! Many activities may be in flight at once; order and numbers are given under a lock that is never held across a wait.
//! After a failed append the journal on disk is shorter than the status in memory, so every later append fails as well:
//! the run stops, and is opened again from what is durable.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde_json::Value;
use slipway_model::Digest;

use crate::{
    Body, Class, Content, Durability, Ending, Entry, Error, Lease, NewRun, Parted, Record, Reply, Result,
    RunStatus, Seq, Store, Unjoinable, line::Draft,
};

/// Entries read at once when a run is opened.
const PAGE: u32 = 4096;

pub struct Journal {
    store: Arc<dyn Store>,
    lease: Lease,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    status: RunStatus,
    /// Appends that nobody awaits; the next durable one answers for them.
    unconfirmed: Vec<Reply<()>>,
    broken: Option<Error>,
}

impl Journal {
    /// A new run: its first entry is durable.
    pub async fn create(store: Arc<dyn Store>, lease: Lease, run: NewRun, at: Timestamp) -> Result<Self> {
        let mut inner = Inner::default();
        let first = Record {
            seq: inner.status.next(),
            at,
            entry: Entry::Started {
                steps: run.steps.clone(),
            },
        };
        inner.take(&lease, first)?;
        store.create_run(&lease, run, at).await?;
        Ok(Self {
            store,
            lease,
            inner: Mutex::new(inner),
        })
    }

    /// A run that was interrupted: folds what is durable, and records that it goes on.
    pub async fn reopen(store: Arc<dyn Store>, lease: Lease, by: &str, at: Timestamp) -> Result<Self> {
        let mut inner = Inner::default();
        let page_after = |seq| store.entries(&lease.run, seq, PAGE);
        let mut pages = Some(page_after(0));
        while let Some(page) = pages.take() {
            let page = page.await?;
            // The next one is read while this one is folded.
            let full = page.last().filter(|_| page.len() == PAGE as usize);
            pages = full.map(|last| page_after(last.seq));
            for record in page {
                inner.take(&lease, record)?;
            }
        }
        let journal = Self {
            store,
            lease,
            inner: Mutex::new(inner),
        };
        journal
            .append(at, Entry::Reopened { by: by.to_owned() }, Durability::Now)
            .await?;
        Ok(journal)
    }

    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Looks at the status as it is now.
    pub fn with_status<T>(&self, look: impl FnOnce(&RunStatus) -> T) -> T {
        look(&self.lock().status)
    }

    /// Durable as the class asks for when this returns.
    pub async fn intent(
        &self,
        at: Timestamp,
        activity: &str,
        class: Class,
        request: impl Into<Parted>,
        parent: Option<&str>,
    ) -> Result<Seq> {
        let Parted { content, bodies } = request.into();
        let entry = Entry::Intent {
            activity: activity.to_owned(),
            class,
            request: content.value,
            bodies: content.bodies,
            parent: parent.map(str::to_owned),
        };
        self.append_with(at, entry, bodies, class.intent_durability())
            .await
    }

    /// Durable as the class of its intent asks for when this returns.
    pub async fn outcome(&self, at: Timestamp, activity: &str, result: Result<Value, Value>) -> Result<Seq> {
        let class = self.with_status(|status| status.activity(activity).map(|activity| activity.class));
        let durability = class.map_or(Durability::Now, Class::outcome_durability);
        let failed = result.is_err();
        let (Ok(value) | Err(value)) = result;
        let Parted { content, bodies } = value.into();
        let Content { value, bodies: refs } = content;
        let result = if failed { Err(value) } else { Ok(value) };
        let entry = Entry::Outcome {
            activity: activity.to_owned(),
            result,
            bodies: refs,
        };
        self.append_with(at, entry, bodies, durability).await
    }

    /// Whether an open `once` activity happened, as a person says. Durable when this returns.
    pub async fn decide(&self, at: Timestamp, activity: &str, happened: bool, by: &str) -> Result<Seq> {
        let entry = Entry::Decided {
            activity: activity.to_owned(),
            happened,
            by: by.to_owned(),
        };
        self.append(at, entry, Durability::Now).await
    }

    /// A value as it was recorded: its bodies are read and verified.
    pub async fn load(&self, content: Content) -> Result<Value> {
        let mut kept = Vec::with_capacity(content.bodies.len());
        for body in content.bodies.values() {
            kept.push(self.kept(body.digest).await?);
        }
        let mut kept = kept.into_iter();
        let joined = content.join(|_| kept.next().unwrap_or_default());
        joined.map_err(|error| self.bad_body(error))
    }

    /// The bytes of one body, verified.
    pub async fn body(&self, digest: Digest) -> Result<Vec<u8>> {
        let bytes = self.kept(digest).await?;
        let found = Digest::of(&bytes);
        if found != digest {
            return Err(self.bad_body(Unjoinable::Differs { digest, found }));
        }
        Ok(bytes)
    }

    pub async fn event(&self, at: Timestamp, kind: &str, data: Value) -> Result<Seq> {
        self.append(
            at,
            Entry::Event {
                kind: kind.to_owned(),
                data,
            },
            Durability::WithNext,
        )
        .await
    }

    pub async fn end(&self, at: Timestamp, ending: Ending, summary: &str) -> Result<Seq> {
        self.append(
            at,
            Entry::Ended {
                ending,
                summary: summary.to_owned(),
            },
            Durability::Now,
        )
        .await
    }

    pub async fn append(&self, at: Timestamp, entry: Entry, durability: Durability) -> Result<Seq> {
        self.append_with(at, entry, Vec::new(), durability).await
    }

    async fn append_with(
        &self,
        at: Timestamp,
        entry: Entry,
        bodies: Vec<Body>,
        durability: Durability,
    ) -> Result<Seq> {
        // Before everybody else has to wait.
        let draft = Draft::of(&entry)?;
        let (seq, earlier, reply) = {
            let mut inner = self.lock();
            if let Some(error) = &inner.broken {
                return Err(error.clone());
            }
            let seq = inner.status.next();
            inner.take(&self.lease, Record { seq, at, entry })?;
            let line = draft.at(seq, at);
            let reply = self.store.append(&self.lease, vec![line], bodies, durability);
            if durability == Durability::WithNext {
                inner.unconfirmed.push(reply);
                return Ok(seq);
            }
            (seq, mem::take(&mut inner.unconfirmed), reply)
        };
        self.confirm(earlier, reply).await?;
        Ok(seq)
    }

    /// Everything appended so far is durable.
    pub async fn flush(&self) -> Result<()> {
        let (earlier, reply) = {
            let mut inner = self.lock();
            if let Some(error) = &inner.broken {
                return Err(error.clone());
            }
            (mem::take(&mut inner.unconfirmed), self.store.flush())
        };
        self.confirm(earlier, reply).await
    }

    /// The first failure is the cause, those after it only follow from it.
    async fn confirm(&self, earlier: Vec<Reply<()>>, reply: Reply<()>) -> Result<()> {
        for reply in earlier.into_iter().chain([reply]) {
            if let Err(error) = reply.await {
                return Err(self.lock().broken.get_or_insert(error).clone());
            }
        }
        Ok(())
    }

    async fn kept(&self, digest: Digest) -> Result<Vec<u8>> {
        let body = self.store.body(&self.lease.run, digest).await?;
        body.ok_or_else(|| self.bad_body(format!("body {digest} is missing")))
    }

    fn bad_body(&self, reason: impl ToString) -> Error {
        Error::Body {
            run: self.lease.run.clone(),
            reason: reason.to_string(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here is left half changed by a panic: `take` is all or nothing.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take(&mut self, lease: &Lease, record: Record) -> Result<()> {
        self.status.take(record).map_err(|illegal| Error::Illegal {
            run: lease.run.clone(),
            illegal,
        })
    }
}
