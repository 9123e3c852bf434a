//! A connection that is there, and why what was asked on it came to nothing.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Row, Statement, error::SqlState, types::ToSql};

use super::place::Place;
use crate::Error;

/// With what was prepared on it.
pub(super) struct Db {
    pub(super) place: Arc<Place>,
    pub(super) client: Client,
    pub(super) driver: JoinHandle<()>,
    prepared: RefCell<HashMap<&'static str, Statement>>,
}

/// Why an attempt came to nothing.
pub(super) enum Trouble {
    /// That is the answer.
    Refused(Error),
    Sql(tokio_postgres::Error),
    /// Somebody else was faster; to be looked at again.
    Raced(tokio_postgres::Error),
    /// No answer in time.
    Silent,
}

impl Db {
    pub(super) fn new(place: Arc<Place>, client: Client, driver: JoinHandle<()>) -> Self {
        let prepared = RefCell::default();
        Self {
            place,
            client,
            driver,
            prepared,
        }
    }

    pub(super) async fn rows(
        &self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.client.query(&self.statement(sql).await?, values).await
    }

    pub(super) async fn row(
        &self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, tokio_postgres::Error> {
        self.client.query_opt(&self.statement(sql).await?, values).await
    }

    /// Of a statement that always answers one.
    pub(super) async fn one(
        &self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Row, tokio_postgres::Error> {
        self.client.query_one(&self.statement(sql).await?, values).await
    }

    async fn statement(&self, sql: &'static str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.prepared.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.prepared.borrow_mut().insert(sql, statement.clone());
        Ok(statement)
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            Some(
                &SqlState::UNIQUE_VIOLATION
                | &SqlState::T_R_SERIALIZATION_FAILURE
                | &SqlState::T_R_DEADLOCK_DETECTED,
            ) => Self::Raced(error),
            _ => Self::Sql(error),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}
