//! Stores in memory: for tests, demos and the browser console.
