//! The file that tells others the port of a server.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How many names are tried for the temporary file: earlier runs may have left some behind.
const ATTEMPTS: u32 = 100;

/// Removed when this is dropped, unless another server has written it since.
#[derive(Debug)]
pub(crate) struct PortFile {
    path: PathBuf,
    /// What was written.
    text: Option<String>,
}

impl PortFile {
    /// # Errors
    /// If there is something at the path that is no regular file: a device, a symbolic link, a
    /// folder. Only a file of an earlier run is replaced.
    pub(crate) fn new(path: PathBuf) -> io::Result<Self> {
        let file = Self { path, text: None };
        file.named(check(&file.path))?;
        Ok(file)
    }

    /// Removes the file of an earlier run: whoever waits for the file must not read its port.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub(crate) fn remove_stale(&self) -> io::Result<()> {
        self.named(check(&self.path))?;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => self.named(Err(error)),
            _ => Ok(()),
        }
    }

    /// Written to a temporary file and renamed, so readers never see a partial file.
    ///
    /// # Errors
    /// If it cannot be written; then nothing is left behind.
    pub(crate) fn write(&mut self, port: u16) -> io::Result<()> {
        let text = port.to_string();
        let (draft, mut file) = self.named(self.draft())?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| check(&self.path))
            .and_then(|()| fs::rename(&draft, &self.path));
        if let Err(error) = written {
            let _ = fs::remove_file(&draft);
            return self.named(Err(error));
        }
        self.text = Some(text);
        Ok(())
    }

    /// The outcome; an error names the file.
    fn named<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        outcome.map_err(|error| {
            let text = format!("{} cannot be written: {error}", self.path.display());
            io::Error::new(error.kind(), text)
        })
    }

    /// A new file beside the path. Nothing that exists is opened, not even by a symbolic link.
    fn draft(&self) -> io::Result<(PathBuf, fs::File)> {
        let mut attempt = 0;
        loop {
            let mut name = self.path.as_os_str().to_owned();
            name.push(format!(".{}.{attempt}", std::process::id()));
            let draft = PathBuf::from(name);
            attempt += 1;
            match OpenOptions::new().write(true).create_new(true).open(&draft) {
                Ok(file) => return Ok((draft, file)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt < ATTEMPTS => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for PortFile {
    fn drop(&mut self) {
        if let Some(text) = &self.text
            && check(&self.path).is_ok()
            && fs::read_to_string(&self.path).is_ok_and(|read| read == *text)
        {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn check(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let what = match kind {
        _ if kind.is_file() => return Ok(()),
        _ if kind.is_symlink() => "a symbolic link",
        _ if kind.is_dir() => "a folder",
        _ => "a device, a pipe or a socket",
    };
    Err(io::Error::new(ErrorKind::InvalidInput, format!("it is {what}, and not replaced")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_port_file_is_written_over_that_of_an_earlier_run_and_removed_in_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("port");
        fs::write(&path, "an earlier port").expect("written");
        // Left behind by a process with the same number, as all have in a container.
        fs::write(path.with_extension(format!("{}.0", std::process::id())), "4").expect("written");
        let mut file = PortFile::new(path.clone()).expect("a regular file");
        file.remove_stale().expect("removed");
        assert!(!path.exists());
        file.write(4740).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "4740");
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn the_file_of_another_server_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("port");
        let mut file = PortFile::new(path.clone()).expect("nothing there");
        file.write(4740).expect("written");
        fs::write(&path, "4741").expect("written");
        drop(file);
        assert_eq!(fs::read_to_string(&path).expect("a file"), "4741");
        drop(PortFile::new(path.clone()).expect("a regular file"));
        assert!(path.exists(), "nothing was written");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused_and_nothing_is_left_behind() {
        use std::os::unix::net::UnixListener;

        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("target"), "kept").expect("written");
        std::os::unix::fs::symlink(at("target"), at("link")).expect("a link");
        std::os::unix::fs::symlink(at("nowhere"), at("dangling")).expect("a link");
        fs::create_dir(at("folder")).expect("a folder");
        let _socket = UnixListener::bind(at("socket")).expect("a socket");
        let before = names(folder.path());
        for name in ["link", "dangling", "folder", "socket"] {
            assert!(PortFile::new(at(name)).is_err(), "{name}");
        }
        assert!(PortFile::new("/dev/null".into()).is_err());
        // It became a link after the start.
        let mut file = PortFile { path: at("link"), text: None };
        assert!(file.write(4740).is_err() && file.remove_stale().is_err());
        assert!(PortFile::new(at("missing/port")).expect("nothing there").write(1).is_err());
        assert_eq!(names(folder.path()), before);
        assert_eq!(fs::read_to_string(at("target")).expect("a file"), "kept");
    }
}
