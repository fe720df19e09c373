//! The injected outbox as a port.

use serde::Serialize;

use super::call_host::CallHost;
use super::functions::HostFunction;
use crate::error::Result;
use crate::js::wire::{List, read, write};
use crate::notification::{Notification, SettledBefore, Settlement};
use crate::ports::LogoutOutbox;
use crate::time::{Millis, Timestamp};

impl LogoutOutbox for CallHost {
    async fn add(&self, entries: &[Notification]) -> Result<()> {
        self.call(HostFunction::OutboxAdd, &[write(entries)?]).await.map(|_| ())
    }

    async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
        lease_for: Millis,
    ) -> Result<Vec<Option<Notification>>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Claim {
            now: Timestamp,
            limit: usize,
            lease_for: Millis,
        }

        let claim = write(&Claim { now, limit, lease_for })?;
        let claimed = self.call(HostFunction::OutboxClaim, &[claim]).await?;
        let wanted = "a list of notifications, at most `limit` long";
        let claimed = List::of(&claimed)
            .filter(|claimed| claimed.len() as usize <= limit)
            .ok_or_else(|| self.wrong_shape(HostFunction::OutboxClaim, wanted))?;
        let entry = |index| read(&claimed.get(index).ok()?, "the notification").ok();
        Ok((0..claimed.len()).map(entry).collect())
    }

    async fn settle(&self, id: &str, result: &Settlement, now: Timestamp) -> Result<()> {
        let arguments = [id.into(), write(result)?, write(&now)?];
        self.call(HostFunction::OutboxSettle, &arguments).await.map(|_| ())
    }

    async fn prune(&self, settled_before: &SettledBefore, limit: usize) -> Result<u64> {
        self.pruned(HostFunction::OutboxPrune, write(settled_before)?, limit).await
    }
}
