//! The only way out for plugins and destinations: allow-list, address guard, TLS.
