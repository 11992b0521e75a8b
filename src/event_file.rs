//! An event store in a file: every append is on disk before it is acknowledged.
//!
//! The format, and what is promised after a crash, are in
//! [`event_store::file`](crate::event_store::file). Here is only what needs an operating system,
//! so browsers do not have it.
//!
//! ```
//! use rift::event_file::EventFile;
//! use rift::event_store::{EventId, Expected, NewEvent};
//!
//! let path = std::env::temp_dir().join(format!("rift-doc-{}.events", std::process::id()));
//! let (mut file, torn) = EventFile::open(&path)?;
//! assert_eq!(torn, None);
//! let paid = NewEvent::new(EventId(1), "Paid", "9.99".to_owned());
//! file.append("order-7", Expected::NoStream, 0, [paid.clone()])?;
//! drop(file);
//!
//! let (mut file, _) = EventFile::open(&path)?;
//! let again = file.append("order-7", Expected::NoStream, 5, [paid])?;
//! assert_eq!(again.version, 1, "it was paid once");
//! # drop(file);
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::event_store::file::{Damage, Journal, JournalError, PayloadBytes, Torn};
use crate::event_store::{Appended, EventStore, Expected, NewEvent, RemoveError};

/// What a file of events is kept in. [`File`] is one; tests have others, that fail.
pub trait Disk {
    /// All there is.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being read.
    fn read_all(&mut self) -> io::Result<Vec<u8>>;

    /// Writes at a place, which may be the end.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being written. A part of it may have been.
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts off everything from here on.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being cut.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Comes back when everything that was written would survive a loss of power.
    ///
    /// # Errors
    ///
    /// Then nothing is known of what was written since the last time.
    fn sync(&mut self) -> io::Result<()>;
}

/// An event store whose changes are durable when they are acknowledged.
#[derive(Debug)]
pub struct EventFile<P, D = File> {
    disk: D,
    journal: Journal<P>,
    /// Whether writing failed once. What is on disk is not known then.
    failed: bool,
}

/// Why a file could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The operating system says no.
    Io(io::Error),
    /// Another program has it open.
    InUse,
    /// The file is damaged. It was not changed.
    Damaged(Damage),
}

/// Why a change was not acknowledged.
#[derive(Debug)]
pub enum FileError<E> {
    /// It was refused, and nothing was changed.
    Refused(E),
    /// It could not be made durable. Whether it is on disk will be seen when the file is opened
    /// again; until then nothing more is written.
    Io(io::Error),
    /// Writing failed before.
    Failed,
}

impl<P: PayloadBytes> EventFile<P> {
    /// Opens a file, or makes one. The end that a crash left torn is cut off, and reported.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; the file is as it was.
    pub fn open(path: &Path) -> Result<(EventFile<P>, Option<Torn>), OpenError> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path).map_err(OpenError::Io)?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => OpenError::InUse,
            std::fs::TryLockError::Error(error) => OpenError::Io(error),
        })?;
        let opened = EventFile::on(file)?;
        // Not only when the file was made just now: whoever made it may not have come this far.
        sync_folder_of(path).map_err(OpenError::Io)?;
        Ok(opened)
    }
}

impl<P: PayloadBytes, D: Disk> EventFile<P, D> {
    /// The same on any disk.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn on(mut disk: D) -> Result<(EventFile<P, D>, Option<Torn>), OpenError> {
        let bytes = disk.read_all().map_err(OpenError::Io)?;
        let recovered = Journal::recover(&bytes).map_err(OpenError::Damaged)?;
        if let Some(torn) = recovered.torn {
            disk.cut(torn.at).map_err(OpenError::Io)?;
        }
        // What was read may be in the operating system's memory only: events that nobody was told
        // of so far. From now on they are there, so they must stay.
        disk.sync().map_err(OpenError::Io)?;
        let mut file = EventFile { disk, journal: recovered.journal, failed: false };
        file.write_out().map_err(OpenError::Io)?;
        Ok((file, recovered.torn))
    }

    /// What it holds.
    pub fn store(&self) -> &EventStore<P> {
        self.journal.store()
    }

    /// As [`EventStore::append`]. When it comes back, the events are durable.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn append<'e, E>(
        &mut self,
        stream: &str,
        expected: Expected,
        recorded_at: u64,
        events: E,
    ) -> Result<Appended, FileError<JournalError>>
    where
        E: AsRef<[NewEvent<'e, P>]> + IntoIterator<Item = NewEvent<'e, P>>,
        P: 'e,
    {
        let appended = self.stage(stream, expected, recorded_at, events)?;
        self.sync()?;
        Ok(appended)
    }

    /// As [`append`](EventFile::append), but not yet durable: nobody may be told before the next
    /// [`sync`](EventFile::sync). One sync for many appends is how to be quick.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn stage<'e, E>(
        &mut self,
        stream: &str,
        expected: Expected,
        recorded_at: u64,
        events: E,
    ) -> Result<Appended, FileError<JournalError>>
    where
        E: AsRef<[NewEvent<'e, P>]> + IntoIterator<Item = NewEvent<'e, P>>,
        P: 'e,
    {
        self.check_usable()?;
        self.journal.append(stream, expected, recorded_at, events).map_err(FileError::Refused)
    }

    /// Makes everything durable that was staged.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`] and [`FileError::Failed`].
    pub fn sync<E>(&mut self) -> Result<(), FileError<E>> {
        self.check_usable()?;
        self.write_out().map_err(FileError::Io)
    }

    /// As [`EventStore::truncate`], durable. The bytes of removed events stay in the file.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn truncate(&mut self, stream: &str, first: u64) -> Result<u64, FileError<RemoveError>> {
        self.check_usable()?;
        let removed = self.journal.truncate(stream, first).map_err(FileError::Refused)?;
        self.sync()?;
        Ok(removed)
    }

    /// As [`EventStore::delete`], durable. The bytes of removed events stay in the file.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn delete(
        &mut self,
        stream: &str,
        expected: Expected,
    ) -> Result<u64, FileError<RemoveError>> {
        self.check_usable()?;
        let removed = self.journal.delete(stream, expected).map_err(FileError::Refused)?;
        self.sync()?;
        Ok(removed)
    }

    /// Adds a mark, with which damage to any event can be told from a torn end; then closes.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`] and [`FileError::Failed`].
    pub fn close(mut self) -> Result<D, FileError<JournalError>> {
        self.sync()?;
        self.journal.mark();
        self.sync()?;
        Ok(self.disk)
    }

    /// The disk, as it is, staged changes lost.
    pub fn into_disk(self) -> D {
        self.disk
    }

    fn check_usable<E>(&self) -> Result<(), FileError<E>> {
        if self.failed { Err(FileError::Failed) } else { Ok(()) }
    }

    /// After a failure nothing is tried again: a second sync that succeeds says nothing about what
    /// the first one could not write.
    fn write_out(&mut self) -> io::Result<()> {
        if self.journal.durable() == self.journal.end() {
            return Ok(());
        }
        self.failed = true;
        if let Some(write) = self.journal.poll_write() {
            self.disk.write_at(write.at, &write.bytes)?;
        }
        self.disk.sync()?;
        self.journal.handle_durable(self.journal.end());
        self.failed = false;
        Ok(())
    }
}

impl Disk for File {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.seek(SeekFrom::Start(0))?;
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(at))?;
        self.write_all(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// A new file is in its folder for good only when the folder is on disk.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if cfg!(unix) {
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Io(error) => error.fmt(f),
            OpenError::InUse => f.write_str("another program has the file open"),
            OpenError::Damaged(damage) => damage.fmt(f),
        }
    }
}

impl<E: fmt::Display> fmt::Display for FileError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Refused(error) => error.fmt(f),
            FileError::Io(error) => write!(f, "not known to be durable: {error}"),
            FileError::Failed => f.write_str("writing failed before; open the file again"),
        }
    }
}

impl std::error::Error for OpenError {}
impl<E: fmt::Debug + fmt::Display> std::error::Error for FileError<E> {}
