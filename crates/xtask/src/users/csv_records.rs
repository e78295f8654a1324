//! CSV (RFC 4180) in UTF-8 whose first line names the attributes.

use std::io::{self, Chain, Read};

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord, Terminator};
use serde_json::Value;

use super::records::{FIELDS, MAX_RECORD_BYTES, Record, fields, whole};
use crate::error::{Context, Error};

pub(super) struct CsvRecords<R> {
    reader: Reader<Bounded<Chain<R, &'static [u8]>>>,
    columns: Vec<String>,
}

impl<R: Read> CsvRecords<R> {
    /// # Errors
    /// The header names an attribute twice, or something else, or no common name.
    pub(super) fn open(text: R) -> Result<Self, Error> {
        let text = Bounded {
            // So that the last record ends with its line as all others do.
            inner: text.chain(b"\n".as_slice()),
            left: MAX_RECORD_BYTES,
            ended: false,
        };
        let mut reader = ReaderBuilder::new()
            // A record of another length than the header's is refused below, and the next one read.
            .flexible(true)
            // Otherwise a carriage return before it shifts the count of lines. It is trimmed off.
            .terminator(Terminator::Any(b'\n'))
            .from_reader(text);
        let header = reader.headers().map_err(cause).doing("read the header")?;
        let columns: Vec<_> = header.iter().map(|name| name.trim().to_owned()).collect();
        check_header(&columns)?;
        Ok(Self { reader, columns })
    }

    fn record(&self, record: ByteRecord) -> Record {
        // A line's end stands after every record, so only an open quote reaches the end of the file.
        let is_open = self.reader.get_ref().ended;
        let ends = record.as_slice().iter().filter(|byte| **byte == b'\n');
        // The reader's own position of a record is before the blank lines in front of it.
        let lines = u64::from(!is_open) + ends.count() as u64;
        let line = self.reader.position().line() - lines;
        let count = (record.len(), self.columns.len());
        let fields = match StringRecord::from_byte_record(record) {
            _ if is_open => Err(vec![whole("has a quote that is not closed")]),
            Err(_) => Err(vec![whole("is not UTF-8")]),
            Ok(_) if count.0 != count.1 => {
                let detail = format!("has {} fields and the header {}", count.0, count.1);
                Err(vec![whole(&detail)])
            }
            Ok(record) => {
                let values = record.iter().map(Value::from);
                fields(self.columns.iter().cloned().zip(values).collect())
            }
        };
        Record { line, fields }
    }
}

impl<R: Read> Iterator for CsvRecords<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.reader.get_mut().left = MAX_RECORD_BYTES;
            let line = self.reader.position().line();
            let mut record = ByteRecord::new();
            match self.reader.read_byte_record(&mut record) {
                Ok(true) if is_blank(&record) => {}
                Ok(true) => return Some(Ok(self.record(record))),
                Ok(false) => return None,
                Err(error) => {
                    let reading = format!("read the record at line {line}");
                    return Some(Err(cause(error)).doing(reading));
                }
            }
        }
    }
}

fn is_blank(record: &ByteRecord) -> bool {
    record.len() == 1 && record[0].trim_ascii().is_empty()
}

/// A header that is not understood makes every record wrong, so none is taken.
fn check_header(columns: &[String]) -> Result<(), Error> {
    for (at, name) in columns.iter().enumerate() {
        let fault = if !FIELDS.contains(&name.as_str()) {
            "is no attribute of a user"
        } else if columns[..at].contains(name) {
            "is there twice"
        } else {
            continue;
        };
        let (number, name) = (at + 1, name.escape_debug());
        let known = FIELDS.join(",");
        return Err(Error::Refused(format!(
            "column {number} of the header, \"{name}\", {fault}; the columns are {known}"
        )));
    }
    if columns.iter().any(|name| name == "commonName") {
        return Ok(());
    }
    Err(Error::Refused("the header has no column commonName".into()))
}

/// The reader's error shows the same text as the one below it.
fn cause(error: csv::Error) -> Box<dyn std::error::Error + Send + Sync> {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".into(),
        other => format!("{other:?}").into(),
    }
}

/// Ends a record that is longer than any can be: a quote that is not closed would swallow the
/// rest of the file.
struct Bounded<R> {
    inner: R,
    left: u64,
    /// Whether the reader has asked for more than there is.
    ended: bool,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let text = "it is too long; perhaps a quote is not closed";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let read = self.inner.by_ref().take(self.left).read(buffer)?;
        self.left -= read as u64;
        self.ended |= read == 0;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::tests::read;
    use super::super::source::Format;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(Format::Csv, text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn columns_come_in_any_order_and_lines_end_in_either_way() {
        check(
            "upn,commonName\na@example.com,Ada\n,Bo\n",
            &["2 Ada", "3 Bo"],
        );
        check(
            "commonName,upn\r\nAda,a@example.com\r\nBo,\r\n\r\nCy,",
            &["2 Ada", "3 Bo", "5 Cy"],
        );
        check("commonName\nAda\n\n  \n\nBo", &["2 Ada", "6 Bo"]);
        check("commonName\n", &[]);
    }

    #[test]
    fn a_quoted_field_holds_commas_quotes_and_line_ends() {
        check(
            "commonName,department\n\"Lovelace, Ada \"\"A\"\"\",\"R\nand\r\nD\"\nBo,IT\n",
            &["2 Lovelace, Ada \"A\"", "5 Bo"],
        );
    }

    #[test]
    fn a_header_that_is_not_understood_refuses_the_file() {
        for (text, reason) in [
            (
                "commonName,phone\n",
                "column 2 of the header, \"phone\", is no attribute of a user",
            ),
            (
                "commonName;upn\n",
                "column 1 of the header, \"commonName;upn\", is no attribute",
            ),
            (
                "upn,commonName,upn\n",
                "column 3 of the header, \"upn\", is there twice",
            ),
            ("upn,email\n", "the header has no column commonName"),
            ("", "the header has no column commonName"),
        ] {
            let [message] = &read(Format::Csv, text.as_bytes())[..] else {
                panic!("{text}");
            };
            assert!(message.starts_with(reason), "{message}");
        }
    }

    #[test]
    fn a_record_that_does_not_fit_is_refused_and_the_next_one_is_read() {
        check(
            "commonName,upn\nAda\nBo,b@example.com,x\nCy,c@example.com\n",
            &[
                "2  has 1 fields and the header 2",
                "3  has 3 fields and the header 2",
                "4 Cy",
            ],
        );
        assert_eq!(
            read(Format::Csv, b"commonName\nAd\xe4\nBo\n"),
            ["2  is not UTF-8", "3 Bo"]
        );
    }

    #[test]
    fn a_quote_that_is_not_closed_is_refused_at_the_line_where_its_record_begins() {
        let open = "has a quote that is not closed";
        check("commonName\nAda\n\"Bo", &["2 Ada", &format!("3  {open}")]);
        check(
            "commonName\nAda\n\"Bo\nCy\n",
            &["2 Ada", &format!("3  {open}")],
        );
        check("commonName\n\"Ada\n\"", &["2 Ada"]);
    }

    #[test]
    fn a_quote_that_is_not_closed_does_not_swallow_a_large_file() {
        let text = format!("commonName\nAda\n\"Bo\n{}", "Cy\n".repeat(100_000));
        check(
            &text,
            &[
                "2 Ada",
                "cannot read the record at line 3: it is too long; perhaps a quote is not closed",
            ],
        );
    }
}
