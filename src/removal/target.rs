//! The sessions that a removal reads, where it reads them.

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
    /// Why a field could not be read, which is empty then. Such a session can be removed, but it
    /// isn't known which clients took part.
    pub unreadable: Option<Rc<Error>>,
    /// Whether that is the case for the clients.
    pub lacks_clients: bool,
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
        target.unreadable = target.fill(&row).err().map(Rc::new);
        Ok(target)
    }

    fn fill(&mut self, row: &impl SessionRow) -> Result<()> {
        let clients = row.clients();
        self.lacks_clients = clients.is_err();
        self.session_id = row.session_id()?;
        self.subject_id = row.subject_id()?;
        self.issuer = row.issuer()?;
        self.created = row.created()?;
        self.renewed = row.renewed()?;
        self.clients = clients?;
        Ok(())
    }

    /// The session as notifications and grants follow from it. If it is `removed`, that happens
    /// once, and its row's id makes ids that a repetition makes again. A session that stays can be
    /// reported any number of times.
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

/// One page of the sessions that match.
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
