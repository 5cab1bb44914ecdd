//! The life of a sync job at oms.
