//! The engine with real vendors behind it.

mod callers;
mod event_log;
mod response_cache;
mod route;
