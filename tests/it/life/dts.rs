//! The life of a sync job at dts.
