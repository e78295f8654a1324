//! Where the records of an import come from: a file, a pipe or the standard input, in one of two
//! formats.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use crate::error::{Context, Error};

/// Spreadsheets put it in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    StandardInput,
    /// Can be opened by its name, but only once.
    Pipe(PathBuf),
    File(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Format {
    Csv,
    JsonLines,
}

impl Source {
    pub(crate) fn named(name: &Path) -> Self {
        let is_pipe = || name.metadata().is_ok_and(|metadata| !metadata.is_file());
        if name.as_os_str() == "-" {
            Self::StandardInput
        } else if is_pipe() {
            Self::Pipe(name.to_owned())
        } else {
            Self::File(name.to_owned())
        }
    }

    /// The file, if it is one that can be read again.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::StandardInput | Self::Pipe(_) => None,
            Self::File(path) => Some(path),
        }
    }

    pub(super) fn open(&self) -> Result<Box<dyn Read + Send>, Error> {
        match self {
            Self::StandardInput => Ok(Box::new(io::stdin())),
            Self::Pipe(path) | Self::File(path) => {
                let file = File::open(path).doing(format!("open {}", path.display()))?;
                Ok(Box::new(file))
            }
        }
    }

    fn format_by_name(&self) -> Option<Format> {
        match self
            .file()?
            .extension()?
            .to_str()?
            .to_ascii_lowercase()
            .as_str()
        {
            "csv" => Some(Format::Csv),
            "jsonl" | "ndjson" => Some(Format::JsonLines),
            _ => None,
        }
    }

    /// The format, by the name or else by the first byte, and the text after a byte order mark.
    pub(super) fn format(
        &self,
        mut text: impl Read + Send + 'static,
    ) -> Result<(Format, Box<dyn Read + Send>), Error> {
        let mut start = Vec::new();
        let length = BYTE_ORDER_MARK.len() as u64 + 1;
        text.by_ref()
            .take(length)
            .read_to_end(&mut start)
            .doing("read the records")?;
        if start.starts_with(BYTE_ORDER_MARK) {
            start.drain(..BYTE_ORDER_MARK.len());
        }
        let by_first_byte = match start.first() {
            Some(b'{') => Format::JsonLines,
            _ => Format::Csv,
        };
        let format = self.format_by_name().unwrap_or(by_first_byte);
        Ok((format, Box::new(Cursor::new(start).chain(text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &'static str, format: Format, rest: &str) {
        let source = Source::named(Path::new(name));
        let (found, mut reader) = source.format(text.as_bytes()).unwrap();
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert_eq!((found, read.as_str()), (format, rest), "{name} {text}");
    }

    #[test]
    fn the_name_says_the_format_and_else_the_first_byte_does() {
        check("a.csv", "{", Format::Csv, "{");
        check("a.JSONL", "a,b", Format::JsonLines, "a,b");
        check("a.ndjson", "", Format::JsonLines, "");
        check("a.txt", "{}\n", Format::JsonLines, "{}\n");
        check("-", "upn,commonName\n", Format::Csv, "upn,commonName\n");
        check("-", "", Format::Csv, "");
    }

    #[test]
    fn only_a_regular_file_can_be_read_again() {
        for (name, again) in [("-", false), ("/dev/null", false), ("absent.csv", true)] {
            assert_eq!(
                Source::named(Path::new(name)).file().is_some(),
                again,
                "{name}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        check("-", "\u{feff}{}", Format::JsonLines, "{}");
        check("a.csv", "\u{feff}commonName", Format::Csv, "commonName");
        check("a.csv", "\u{feff}", Format::Csv, "");
    }
}
