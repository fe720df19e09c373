//! One step through the list: from one page to the next or the one before.

use std::ops::Range;

use super::results_token::{Edge, ResultsToken};
use crate::error::Result;
use crate::filter::Filter;
use crate::ports::{ListRequest, Order, Page, PageStart, SessionStore};

/// A list of sessions to step through.
pub(super) struct Listing<'a, S> {
    pub store: &'a S,
    pub filter: &'a Filter,
    pub order: Order,
    pub size: usize,
}

/// The page that a step led to.
pub(super) struct Step<P> {
    pub page: P,
    /// Which of the page's rows are the results.
    pub rows: Range<usize>,
    pub has_prev: bool,
    pub has_next: bool,
    /// Whether this is the first page, read from the first row.
    pub from_start: bool,
}

impl<S: SessionStore> Listing<'_, S> {
    /// Makes one request, or up to four if rows were removed since `place` was made.
    pub async fn step(&self, place: Option<&ResultsToken>, back: bool) -> Result<Step<S::Page>> {
        let Some(place) = place else { return self.first_page().await };
        match (place.edge, back) {
            (Edge::BeforeStart, false) => self.first_page().await,
            (Edge::PastEnd, true) => self.last_page(place).await,
            (_, false) => self.next_page(place).await,
            (_, true) => self.page_before(place).await,
        }
    }

    async fn first_page(&self) -> Result<Step<S::Page>> {
        let page = self.list(PageStart::First, self.size + 1).await?;
        let has_next = page.len() > self.size;
        let rows = 0..page.len().min(self.size);
        Ok(Step { page, rows, has_prev: false, has_next, from_start: true })
    }

    async fn next_page(&self, place: &ResultsToken) -> Result<Step<S::Page>> {
        if let Some(step) = self.next_page_from_beside(place).await? {
            return Ok(step);
        }
        let page = self.list(PageStart::After(place.ends.last.clone()), self.size + 1).await?;
        // If nothing lies behind the place, every row lies ahead of this page.
        let ahead = match page.is_empty() {
            true => PageStart::Last,
            false => PageStart::Before(page.position(0)?),
        };
        let (has_prev, has_next) = (self.has_rows(ahead).await?, page.len() > self.size);
        let rows = 0..page.len().min(self.size);
        Ok(Step { page, rows, has_prev, has_next, from_start: false })
    }

    /// Reads from the row before the place's last one. If the last one comes first, it proves that
    /// there is a row ahead of the new page, and no second request is needed.
    async fn next_page_from_beside(&self, place: &ResultsToken) -> Result<Option<Step<S::Page>>> {
        if place.ends.before_last.is_empty() {
            return Ok(None);
        }
        let start = PageStart::After(place.ends.before_last.clone());
        let page = self.list(start, self.size + 2).await?;
        if page.is_empty() || page.position(0)? != place.ends.last {
            return Ok(None);
        }
        let has_next = page.len() - 1 > self.size;
        let rows = 1..page.len().min(self.size + 1);
        Ok(Some(Step { page, rows, has_prev: true, has_next, from_start: false }))
    }

    async fn page_before(&self, place: &ResultsToken) -> Result<Step<S::Page>> {
        if let Some(step) = self.page_before_from_beside(place).await? {
            return Ok(step);
        }
        let page = self.list(PageStart::Before(place.ends.first.clone()), self.size + 1).await?;
        if self.lost_rows(&page, place) {
            return self.first_page().await;
        }
        let behind = match page.len().checked_sub(1) {
            None => PageStart::First,
            Some(last) => PageStart::After(page.position(last)?),
        };
        let has_next = self.has_rows(behind).await?;
        Ok(self.last_rows(page, has_next))
    }

    /// Reads back from the row after the place's first one, as
    /// [`next_page_from_beside`](Self::next_page_from_beside) does in the other direction.
    async fn page_before_from_beside(&self, place: &ResultsToken) -> Result<Option<Step<S::Page>>> {
        if place.ends.after_first.is_empty() {
            return Ok(None);
        }
        let start = PageStart::Before(place.ends.after_first.clone());
        let page = self.list(start, self.size + 2).await?;
        let Some(others) = page.len().checked_sub(1) else { return Ok(None) };
        let is_whole = others >= self.size || (others == 0 && place.page <= 1);
        if page.position(others)? != place.ends.first || !is_whole {
            return Ok(None);
        }
        let (has_prev, rows) = (others > self.size, others.saturating_sub(self.size)..others);
        Ok(Some(Step { page, rows, has_prev, has_next: true, from_start: false }))
    }

    /// The last page, from a place past the end.
    async fn last_page(&self, place: &ResultsToken) -> Result<Step<S::Page>> {
        let page = self.list(PageStart::Last, self.size + 1).await?;
        if self.lost_rows(&page, place) {
            return self.first_page().await;
        }
        let has_next = page.is_empty() && self.has_rows(PageStart::First).await?;
        Ok(self.last_rows(page, has_next))
    }

    /// Whether rows ahead of the place were removed, so that less than a page is left: the first
    /// page is then the one to show.
    fn lost_rows(&self, page: &S::Page, place: &ResultsToken) -> bool {
        page.len() < self.size && (!page.is_empty() || place.page > 1)
    }

    /// A step back: the results are the last rows of what was read.
    fn last_rows(&self, page: S::Page, has_next: bool) -> Step<S::Page> {
        let count = page.len();
        let (has_prev, rows) = (count > self.size, count.saturating_sub(self.size)..count);
        Step { page, rows, has_prev, has_next, from_start: false }
    }

    async fn has_rows(&self, from: PageStart) -> Result<bool> {
        Ok(!self.list(from, 1).await?.is_empty())
    }

    async fn list(&self, from: PageStart, limit: usize) -> Result<S::Page> {
        let filter = self.filter.clone();
        self.store.list(&ListRequest { filter, order: self.order, from, limit }).await
    }
}
