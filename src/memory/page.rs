//! Pages of the memory session store.

use std::rc::Rc;

use serde::Serialize;

use crate::error::{Error, Result, StoreFailed};
use crate::ports::{Page, Position, SessionRow};
use crate::session::{ClientSession, Session, SessionKey};
use crate::time::Timestamp;

/// A page of sessions, each with its position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SessionPage {
    /// The sessions, as they were when the page was read.
    pub sessions: Vec<Rc<Session>>,
    /// Their positions: creation or expiry time and number, in base 36.
    pub positions: Vec<Position>,
    /// The ids of their rows: the positions by creation time. Empty if `positions` has the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
}

impl Page for SessionPage {
    type Row = Rc<Session>;

    fn len(&self) -> usize {
        self.sessions.len()
    }

    fn row(&self, index: usize) -> Result<Rc<Session>> {
        self.sessions.get(index).cloned().ok_or_else(|| no_row(index))
    }

    fn position(&self, index: usize) -> Result<Position> {
        self.positions.get(index).cloned().ok_or_else(|| no_row(index))
    }

    fn id(&self, index: usize) -> Result<String> {
        let ids = if self.ids.is_empty() { &self.positions } else { &self.ids };
        ids.get(index).cloned().ok_or_else(|| no_row(index))
    }
}

fn no_row(index: usize) -> Error {
    StoreFailed::NoRow { index }.into()
}

impl SessionRow for Rc<Session> {
    fn key(&self) -> Result<SessionKey> {
        Ok(self.key.clone())
    }

    fn scheme(&self) -> Result<String> {
        Ok(self.scheme.clone())
    }

    fn subject_id(&self) -> Result<String> {
        Ok(self.subject_id.clone())
    }

    fn session_id(&self) -> Result<String> {
        Ok(self.session_id.clone())
    }

    fn issuer(&self) -> Result<Option<String>> {
        Ok(self.issuer.clone())
    }

    fn created(&self) -> Result<Timestamp> {
        Ok(self.created)
    }

    fn renewed(&self) -> Result<Timestamp> {
        Ok(self.renewed)
    }

    fn expires(&self) -> Result<Option<Timestamp>> {
        Ok(self.expires)
    }

    fn clients(&self) -> Result<Vec<ClientSession>> {
        Ok(self.clients.clone())
    }

    fn ticket(&self) -> Result<Option<String>> {
        Ok(self.ticket.clone())
    }
}
