//! The sessions that a removal reads.

use crate::error::Result;
use crate::filter::Filter;
use crate::ports::{Host, ListRequest, Order, Page, PageStart, Position, SessionRow, SessionStore};
use crate::session::{ClientSession, SessionKey};
use crate::time::Timestamp;

/// How many sessions are read and removed in one step.
pub(crate) const PAGE: usize = 200;
/// The fields of a row that a removal needs.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub key: SessionKey,
    pub session_id: String,
    pub subject_id: String,
    pub issuer: Option<String>,
    pub created: Timestamp,
    pub clients: Vec<ClientSession>,
    pub position: Position,
}

impl Target {
    pub fn read(page: &impl Page, index: usize) -> Result<Self> {
        let row = page.row(index)?;
        Ok(Target {
            key: row.key()?,
            session_id: row.session_id()?,
            subject_id: row.subject_id()?,
            issuer: row.issuer()?,
            created: row.created()?,
            clients: row.clients()?,
            position: page.position(index)?,
        })
    }
}

pub(super) fn keys(targets: &[Target]) -> Vec<SessionKey> {
    targets.iter().map(|target| target.key.clone()).collect()
}

/// Some of the sessions that match.
pub(crate) async fn list_targets<H: Host>(
    host: &H,
    filter: Filter,
    order: Order,
    from: PageStart,
    limit: usize,
) -> Result<Vec<Target>> {
    // Between two pages everything else has its turn. Some drivers never wait for anything: with
    // them no timer of the process would be heard until all is done, and what they free when the
    // loop turns would pile up.
    if from != PageStart::First {
        host.sleep(0).await;
    }
    host.check_aborted()?;
    let page = host.sessions().list(&ListRequest { filter, order, from, limit }).await?;
    let mut targets = Vec::new();
    for index in 0..page.len() {
        targets.push(Target::read(&page, index)?);
    }
    Ok(targets)
}
