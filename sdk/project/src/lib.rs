//! A plugin's project on an author's machine: its files, and the way from them to a package.
