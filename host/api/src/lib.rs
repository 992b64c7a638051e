//! HTTP API, realtime events and pages.
