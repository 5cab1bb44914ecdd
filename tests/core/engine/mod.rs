//! The engine with real vendors behind it.

mod event_log;
mod response_cache;
mod route;
