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

use crate::{
    Class, Durability, Ending, Entry, Error, Lease, NewRun, Record, Reply, Result, RunStatus, Seq, Store,
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
        inner.apply(&lease, &first)?;
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
        loop {
            let page = store.entries(&lease.run, inner.status.last(), PAGE).await?;
            for record in &page {
                inner.apply(&lease, record)?;
            }
            if page.len() < PAGE as usize {
                break;
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
        request: Value,
        parent: Option<&str>,
    ) -> Result<Seq> {
        let entry = Entry::Intent {
            activity: activity.to_owned(),
            class,
            request,
            parent: parent.map(str::to_owned),
        };
        self.append(at, entry, class.intent_durability()).await
    }

    /// Durable as the class of its intent asks for when this returns.
    pub async fn outcome(&self, at: Timestamp, activity: &str, result: Result<Value, Value>) -> Result<Seq> {
        let class = self.with_status(|status| status.activity(activity).map(|activity| activity.class));
        let durability = class.map_or(Durability::Now, Class::outcome_durability);
        self.append(
            at,
            Entry::Outcome {
                activity: activity.to_owned(),
                result,
            },
            durability,
        )
        .await
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
        let (seq, earlier, reply) = {
            let mut inner = self.lock();
            if let Some(error) = &inner.broken {
                return Err(error.clone());
            }
            let record = Record {
                seq: inner.status.next(),
                at,
                entry,
            };
            inner.apply(&self.lease, &record)?;
            let seq = record.seq;
            let reply = self.store.append(&self.lease, vec![record], durability);
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

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here is left half changed by a panic: `apply` is all or nothing.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn apply(&mut self, lease: &Lease, record: &Record) -> Result<()> {
        self.status.apply(record).map_err(|illegal| Error::Illegal {
            run: lease.run.clone(),
            illegal,
        })
    }
}
