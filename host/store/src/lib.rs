//! The only crate with SQL: rows, queries, sealing at rest.
