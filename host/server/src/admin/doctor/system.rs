//! What the machine gives: folder, disk, open files, memory, key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use neustream_api::DiskSpace;
use rustix::fs::StatVfs;
use rustix::process::{Resource, getrlimit};

use super::Check;
use crate::admin::{Place, bytes};

/// Below this a database soon cannot be written.
const DISK_PROBLEM: u64 = 256 << 20;
const DISK_WARNING: u64 = 2 << 30;
/// A publisher, a viewer and a destination take a file each.
const FILES_PROBLEM: u64 = 256;
const FILES_WARNING: u64 = 8192;
/// The host, its plugins and the compiling child (512 MiB) beside each other.
const MEMORY_WARNING: u64 = 512 << 20;

/// Whether files can be made where they must.
pub fn data_folder(place: &Place) -> Check {
    let name = "data folder";
    let folder = &place.config.data_dir;
    let shown = folder.display();
    if !folder.exists() {
        let parent = folder.ancestors().skip(1).find(|parent| parent.exists() && parent.as_os_str() != "");
        return match is_writable(parent.unwrap_or(Path::new("."))) {
            Ok(()) => Check::ok(name, format!("{shown} is not there yet; the first start makes it")),
            Err(error) => Check::problem(
                name,
                format!("{shown} is not there and cannot be made: {error}"),
                "let the server's user write there, or set `data_dir`",
            ),
        };
    }
    match is_writable(folder) {
        Ok(()) => Check::ok(name, format!("{shown} can be written")),
        Err(error) => Check::problem(
            name,
            format!("{shown} cannot be written: {error}"),
            "let the server's user write there, or set `data_dir`",
        ),
    }
}

fn is_writable(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".neustream-doctor-{}", std::process::id()));
    fs::File::options().write(true).create_new(true).open(&probe)?;
    fs::remove_file(probe)
}

/// What is free at `folder`, or where it will be, and how much there is at all.
pub fn disk_space(folder: &Path) -> Option<DiskSpace> {
    Some(room(&file_system(folder)?))
}

fn file_system(folder: &Path) -> Option<StatVfs> {
    let existing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    rustix::fs::statvfs(existing).ok()
}

fn room(stat: &StatVfs) -> DiskSpace {
    DiskSpace {
        free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
        total_bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
    }
}

/// Whether there is room.
pub fn disk(place: &Place) -> Check {
    let name = "disk";
    let folder = &place.config.data_dir;
    let Some(stat) = file_system(folder) else {
        return Check::warning(name, "the free space is not known", "look at it with `df`");
    };
    let free = room(&stat).free_bytes;
    let found = format!("{} free at {}", bytes(free), folder.display());
    if stat.f_favail == 0 && stat.f_files > 0 {
        return Check::problem(
            name,
            "no file can be made any more: the disk has no inodes left",
            "delete files there",
        );
    }
    match free {
        ..DISK_PROBLEM => Check::problem(name, found, "make room: without it nothing can be written down"),
        DISK_PROBLEM..DISK_WARNING => Check::warning(name, found, "make room before it runs out"),
        _ => Check::ok(name, found),
    }
}

/// How many sockets and files a server may have: it raises the soft limit to the hard one itself.
pub fn open_files() -> Check {
    let name = "open files";
    let Some(limit) = getrlimit(Resource::Nofile).maximum else {
        return Check::ok(name, "as many as the system has");
    };
    let found = format!("at most {limit} of files and sockets together");
    let advice = format!(
        "each publisher, viewer and destination takes one: raise the hard limit to {FILES_WARNING} or more \
         (`LimitNOFILE=` in systemd, `nofile` in /etc/security/limits.conf)"
    );
    match limit {
        ..FILES_PROBLEM => Check::problem(name, found, advice),
        FILES_PROBLEM..FILES_WARNING => Check::warning(name, found, advice),
        _ => Check::ok(name, found),
    }
}

/// What the system could give to a server now.
pub fn memory() -> Check {
    let name = "memory";
    let available = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()
    });
    let Some(available) = available.map(|kib| kib * 1024) else {
        return Check::ok(name, "this system does not tell");
    };
    let found = format!("{} available", bytes(available));
    if available < MEMORY_WARNING {
        let advice = "stop something else, or add memory: compiling a plugin alone may take 512 MiB";
        return Check::warning(name, found, advice);
    }
    Check::ok(name, found)
}

/// Whether the key is there, is one, and is nobody else's to read. Whether it fits is the database's to say.
pub fn master_key(place: &Place) -> Check {
    let name = "master key";
    let path = place.master_key_file();
    let shown = path.display();
    match place.sealing_key() {
        Ok(None) => Check::ok(name, format!("{shown} is not there yet; the first start makes it")),
        Err(error) => Check::problem(
            name,
            format!("{error:#}"),
            format!("put back {shown} from a backup: the secrets in the database are sealed with it"),
        ),
        Ok(Some(key)) => {
            let mode = fs::metadata(&path).map_or(0, |metadata| metadata.permissions().mode() & 0o777);
            let others = mode & 0o077;
            if others == 0 {
                Check::ok(name, format!("{shown} (key {})", key.id()))
            } else {
                Check::warning(
                    name,
                    format!("{shown} can be read by others (mode {mode:o})"),
                    format!("chmod 600 {shown}"),
                )
            }
        }
    }
}
