//! A folder as an object store, in which what was put is on the disk when that returns.
//!
//! A file gets its name when its bytes are synced, and then its folders are: power that is lost leaves
//! it whole or not there. Until then it stands in a folder of its own, so that what a crash leaves is
//! known for what it is, and removed ([`tidy`]).

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    UploadPart,
};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::ops::Range;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Folder of what has no name yet, in the root.
const NEW: &str = "_new";

/// Files below a root.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    files: Arc<LocalFileSystem>,
    root: PathBuf,
}

impl Disk {
    /// Paths begin at the root.
    pub(crate) fn new(root: &FsPath) -> Result<Self> {
        Ok(Disk {
            files: Arc::new(LocalFileSystem::new_with_prefix(root)?),
            root: root.to_owned(),
        })
    }

    /// The same files by their full paths.
    pub(crate) fn by_full_path(&self) -> Self {
        Disk {
            files: Arc::new(LocalFileSystem::new()),
            root: self.root.clone(),
        }
    }

    /// Writes a file; that it stands there already is an error where it is to be made.
    fn write(&self, to: &FsPath, bytes: &PutPayload, is_to_be_made: bool) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = to.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        fs::create_dir_all(self.root.join(NEW))?;
        let new = self
            .root
            .join(NEW)
            .join(format!("{}-{number}", std::process::id()));
        let named = write_synced(&new, bytes).and_then(|()| match is_to_be_made {
            true => fs::hard_link(&new, to),
            false => fs::rename(&new, to),
        });
        if is_to_be_made || named.is_err() {
            // If it stays, it is tidied away.
            let _ = fs::remove_file(&new);
        }
        named?;
        let within = |folder: &&FsPath| folder.starts_with(&self.root);
        folder.ancestors().take_while(within).try_for_each(sync)
    }
}

/// Removes what was never given a name. Nobody must be putting anything below this root.
pub(crate) fn tidy(root: &FsPath) -> io::Result<()> {
    match fs::remove_dir_all(root.join(NEW)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn write_synced(path: &FsPath, bytes: &PutPayload) -> io::Result<()> {
    // What a crash left there may be another name of what is in use.
    let _ = fs::remove_file(path);
    let mut file = File::create_new(path)?;
    bytes.iter().try_for_each(|part| file.write_all(part))?;
    file.sync_all()
}

/// Makes durable which files a folder has.
pub(crate) fn sync(folder: &FsPath) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

impl std::fmt::Display for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.root.display())
    }
}

#[async_trait]
impl ObjectStore for Disk {
    async fn put_opts(
        &self,
        location: &Path,
        bytes: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let disk = self.clone();
        let to = self.files.path_to_filesystem(location)?;
        let is_to_be_made = matches!(options.mode, PutMode::Create);
        let path = location.to_string();
        let put = tokio::task::spawn_blocking(move || disk.write(&to, &bytes, is_to_be_made));
        match put.await.map_err(io::Error::other).flatten() {
            Ok(()) => Ok(PutResult {
                e_tag: None,
                version: None,
            }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Error::AlreadyExists {
                path,
                source: error.into(),
            }),
            Err(error) => Err(Error::Generic {
                store: "disk",
                source: error.into(),
            }),
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(Parts {
            disk: self.clone(),
            location: location.clone(),
            parts: Vec::new(),
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.files.get_opts(location, options).await
    }

    async fn get_ranges(&self, at: &Path, ranges: &[Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        self.files.get_ranges(at, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.files.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.files.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.files.copy_opts(from, to, options).await
    }
}

/// A file that comes in parts, which are put when all are there.
#[derive(Debug)]
struct Parts {
    disk: Disk,
    location: Path,
    parts: Vec<bytes::Bytes>,
}

#[async_trait]
impl MultipartUpload for Parts {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        self.parts.extend(part);
        Box::pin(std::future::ready(Ok(())))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let all = PutPayload::from_iter(std::mem::take(&mut self.parts));
        self.disk
            .put_opts(&self.location, all, PutOptions::default())
            .await
    }

    async fn abort(&mut self) -> Result<()> {
        Ok(())
    }
}
