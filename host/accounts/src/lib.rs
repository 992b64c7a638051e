//! Identity rules: passwords, tokens; no SQL, no HTTP.
