//! The sessions that a removal reads.

use std::rc::Rc;

use crate::ending::EndingSession;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::ports::{Host, ListRequest, Order, Page, PageStart, Position, SessionRow, SessionStore};
use crate::random::random_hex;
use crate::session::{ClientSession, SessionKey};
use crate::time::Timestamp;

/// The fields of a row that a removal needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    pub key: SessionKey,
    pub session_id: String,
    pub subject_id: String,
    pub issuer: Option<String>,
    pub created: Timestamp,
    pub renewed: Timestamp,
    pub clients: Vec<ClientSession>,
    pub position: Position,
    /// The id of the row.
    pub id: String,
    /// Why a field couldn't be read. The field is empty then. The session can be removed, but its
    /// clients may be unknown.
    pub unreadable: Option<Rc<Error>>,
    /// Whether the clients couldn't be read.
    pub has_unreadable_clients: bool,
}

impl Target {
    fn read(page: &impl Page, index: usize) -> Result<Self> {
        let row = page.row(index)?;
        let mut target = Target {
            key: row.key()?,
            position: page.position(index)?,
            id: page.id(index)?,
            ..Target::default()
        };
        target.unreadable = target.read_fields(&row).err().map(Rc::new);
        Ok(target)
    }

    fn read_fields(&mut self, row: &impl SessionRow) -> Result<()> {
        let clients = row.clients();
        self.has_unreadable_clients = clients.is_err();
        self.session_id = row.session_id()?;
        self.subject_id = row.subject_id()?;
        self.issuer = row.issuer()?;
        self.created = row.created()?;
        self.renewed = row.renewed()?;
        self.clients = clients?;
        Ok(())
    }

    /// The fields that notifications and grants depend on. A removed session uses the row's id, so
    /// that a repeated call creates the same notification ids. A session that stays gets a random
    /// one, because it can be reported many times.
    pub fn ending(&self, removed: bool) -> Result<EndingSession> {
        Ok(EndingSession {
            row_id: if removed { self.id.clone() } else { random_hex::<16>()? },
            subject_id: self.subject_id.clone(),
            session_id: self.session_id.clone(),
            issuer: self.issuer.clone(),
            clients: self.clients.clone(),
        })
    }
}

/// Lists one page of matching sessions.
pub(crate) async fn list_targets<H: Host>(
    host: &H,
    filter: Filter,
    order: Order,
    from: PageStart,
    limit: usize,
) -> Result<Vec<Target>> {
    let page = host.sessions().list(&ListRequest { filter, order, from, limit }).await?;
    (0..page.len()).map(|index| Target::read(&page, index)).collect()
}
