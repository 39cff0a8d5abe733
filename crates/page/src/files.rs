//! The files, and which one a path names.

/// A file of the built page.
pub(crate) struct File {
    /// Below the page's folder: `assets/index-4f2a.js`.
    pub(crate) path: &'static str,
    /// Its `ETag`: weak, as it is the same for all encodings.
    pub(crate) tag: &'static str,
    pub(crate) plain: &'static [u8],
    /// The same by Brotli, where the build packed it.
    pub(crate) br: Option<&'static [u8]>,
    /// The same by gzip.
    pub(crate) gzip: Option<&'static [u8]>,
}

/// Made by `build.rs`; empty where the page was not built.
pub(crate) static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Files whose names change with their content are here.
const HASHED: &str = "assets/";

/// What is shown for a path.
pub(crate) enum Named {
    File(&'static File),
    /// It names a file that is not there.
    Nothing,
    /// The page was not built.
    NoPage,
}

impl File {
    /// What `Content-Type` says.
    pub(crate) fn kind(&self) -> &'static str {
        match self.path.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "ico" => "image/x-icon",
            "js" => "text/javascript; charset=utf-8",
            "json" => "application/json",
            "png" => "image/png",
            "svg" => "image/svg+xml",
            "txt" => "text/plain; charset=utf-8",
            "webmanifest" => "application/manifest+json",
            "woff2" => "font/woff2",
            _ => "application/octet-stream",
        }
    }

    /// What `Cache-Control` says: names with a hash are for ever, others are asked for anew.
    pub(crate) fn kept(&self) -> &'static str {
        match self.path.starts_with(HASHED) {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        }
    }
}

/// What a path of a request names. Addresses and Message-IDs have dots too: only `/assets/...` and a
/// lone name with an ending (`/favicon.ico`) are files or nothing, all else is a path of the page.
pub(crate) fn find(files: &'static [File], path: &str) -> Named {
    let path = path.trim_start_matches('/');
    let of = |path: &str| files.iter().find(|file| file.path == path);
    let names_file = path.starts_with(HASHED) || (path.contains('.') && !path.contains('/'));
    match (of(path), of("index.html")) {
        (Some(file), _) => Named::File(file),
        (None, _) if names_file => Named::Nothing,
        (None, Some(index)) => Named::File(index),
        (None, None) => Named::NoPage,
    }
}
