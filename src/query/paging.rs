//! Paging: from one page to the next or the previous one, and the size of a page.

use std::ops::Range;

use super::results_token::{Edge, ResultsToken};
use crate::error::{InvalidArgument, Result};
use crate::filter::Filter;
use crate::ports::{ListRequest, Order, Page, PageStart, SessionStore};

/// The default page size, as in the reference.
pub const DEFAULT_PAGE_SIZE: usize = 25;
/// The largest page size. Larger requests are capped.
pub const MAX_PAGE_SIZE: usize = 1_000;

/// The page size to use. Fails with `invalid_argument` if the requested one is negative or
/// fractional.
pub(super) fn page_size(requested: Option<f64>) -> Result<usize> {
    match requested {
        None => Ok(DEFAULT_PAGE_SIZE),
        Some(size) if !size.is_finite() || size < 0.0 || size.fract() != 0.0 => {
            Err(InvalidArgument::PageSize.into())
        }
        Some(0.0) => Ok(DEFAULT_PAGE_SIZE),
        Some(size) => Ok((size as usize).min(MAX_PAGE_SIZE)),
    }
}

/// A list of sessions to page through.
pub(super) struct Listing<'a, S> {
    pub store: &'a S,
    pub filter: &'a Filter,
    pub order: Order,
    pub size: usize,
}

/// The page that a step leads to.
pub(super) struct Step<P> {
    pub page: P,
    /// The rows of the page that are results.
    pub rows: Range<usize>,
    pub has_prev: bool,
    pub has_next: bool,
    /// Whether this is the first page, read from its first row.
    pub from_start: bool,
}

impl<S: SessionStore> Listing<'_, S> {
    /// Makes one request, or up to four if rows were removed since `token` was issued.
    pub async fn step(&self, token: Option<&ResultsToken>, back: bool) -> Result<Step<S::Page>> {
        let Some(token) = token else { return self.first_page().await };
        match (token.edge, back) {
            (Edge::BeforeStart, false) => self.first_page().await,
            (Edge::PastEnd, true) => self.last_page(token).await,
            (_, false) => self.next_page(token).await,
            (_, true) => self.previous_page(token).await,
        }
    }

    async fn first_page(&self) -> Result<Step<S::Page>> {
        let page = self.list(PageStart::First, self.size + 1).await?;
        let has_next = page.len() > self.size;
        let rows = 0..page.len().min(self.size);
        Ok(Step { page, rows, has_prev: false, has_next, from_start: true })
    }

    async fn next_page(&self, token: &ResultsToken) -> Result<Step<S::Page>> {
        if let Some(step) = self.next_page_with_overlap(token).await? {
            return Ok(step);
        }
        let page = self.list(PageStart::After(token.ends.last.clone()), self.size + 1).await?;
        // If no rows follow the token's page, all rows precede the new page.
        let preceding = match page.is_empty() {
            true => PageStart::Last,
            false => PageStart::Before(page.position(0)?),
        };
        let (has_prev, has_next) = (self.has_rows(preceding).await?, page.len() > self.size);
        let rows = 0..page.len().min(self.size);
        Ok(Step { page, rows, has_prev, has_next, from_start: false })
    }

    /// Starts at the row before the token's last row. If the token's last row comes first, there is
    /// a previous page, and a second request isn't needed.
    async fn next_page_with_overlap(&self, token: &ResultsToken) -> Result<Option<Step<S::Page>>> {
        if token.ends.before_last.is_empty() {
            return Ok(None);
        }
        let start = PageStart::After(token.ends.before_last.clone());
        let page = self.list(start, self.size + 2).await?;
        if page.is_empty() || page.position(0)? != token.ends.last {
            return Ok(None);
        }
        let has_next = page.len() - 1 > self.size;
        let rows = 1..page.len().min(self.size + 1);
        Ok(Some(Step { page, rows, has_prev: true, has_next, from_start: false }))
    }

    async fn previous_page(&self, token: &ResultsToken) -> Result<Step<S::Page>> {
        if let Some(step) = self.previous_page_with_overlap(token).await? {
            return Ok(step);
        }
        let page = self.list(PageStart::Before(token.ends.first.clone()), self.size + 1).await?;
        if self.has_lost_rows(&page, token) {
            return self.first_page().await;
        }
        let following = match page.len().checked_sub(1) {
            None => PageStart::First,
            Some(last) => PageStart::After(page.position(last)?),
        };
        let has_next = self.has_rows(following).await?;
        Ok(self.last_rows(page, has_next))
    }

    /// Reads backwards from the row after the token's first row, like
    /// [`next_page_with_overlap`](Self::next_page_with_overlap).
    async fn previous_page_with_overlap(
        &self,
        token: &ResultsToken,
    ) -> Result<Option<Step<S::Page>>> {
        if token.ends.after_first.is_empty() {
            return Ok(None);
        }
        let start = PageStart::Before(token.ends.after_first.clone());
        let page = self.list(start, self.size + 2).await?;
        let Some(others) = page.len().checked_sub(1) else { return Ok(None) };
        let is_whole = others >= self.size || (others == 0 && token.page <= 1);
        if page.position(others)? != token.ends.first || !is_whole {
            return Ok(None);
        }
        let (has_prev, rows) = (others > self.size, others.saturating_sub(self.size)..others);
        Ok(Some(Step { page, rows, has_prev, has_next: true, from_start: false }))
    }

    /// The last page, from a token past the end.
    async fn last_page(&self, token: &ResultsToken) -> Result<Step<S::Page>> {
        let page = self.list(PageStart::Last, self.size + 1).await?;
        if self.has_lost_rows(&page, token) {
            return self.first_page().await;
        }
        let has_next = page.is_empty() && self.has_rows(PageStart::First).await?;
        Ok(self.last_rows(page, has_next))
    }

    /// Whether so many preceding rows were removed that less than a page is left. If so, show the
    /// first page.
    fn has_lost_rows(&self, page: &S::Page, token: &ResultsToken) -> bool {
        page.len() < self.size && (!page.is_empty() || token.page > 1)
    }

    /// A step back: the results are the last rows of the page.
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
