//! JSON Lines: one JSON object on each line.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use cardwright_domain::refusal::FieldError;
use cardwright_domain::user::UserFields;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::records::{MAX_RECORD_BYTES, Record, fields, whole};
use crate::error::{Context, Error};

pub(super) struct JsonLines<R> {
    text: BufReader<R>,
    line: u64,
}

impl<R: Read> JsonLines<R> {
    pub(super) fn open(text: R) -> Self {
        Self {
            text: BufReader::new(text),
            line: 0,
        }
    }

    /// The next line, or nothing at the end. Of a line that is too long only the start is kept.
    fn read_line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        self.line += 1;
        let mut line = Vec::new();
        let mut start = self.text.by_ref().take(MAX_RECORD_BYTES + 1);
        if start.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() as u64 > MAX_RECORD_BYTES && !line.ends_with(b"\n") {
            self.text.skip_until(b'\n')?;
        }
        Ok(Some(line))
    }
}

impl<R: Read> Iterator for JsonLines<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.read_line().doing("read the records") {
                Ok(line) => line?,
                Err(error) => return Some(Err(error)),
            };
            let text = line.trim_ascii();
            if !text.is_empty() {
                return Some(Ok(Record {
                    line: self.line,
                    fields: object(text),
                }));
            }
        }
    }
}

fn object(line: &[u8]) -> Result<UserFields, Vec<FieldError>> {
    if line.len() as u64 > MAX_RECORD_BYTES {
        let detail = format!("has more than {MAX_RECORD_BYTES} bytes");
        return Err(vec![whole(&detail)]);
    }
    match serde_json::from_slice::<Members>(line) {
        Ok(Members(members)) => fields(members),
        // The parser's own message may repeat what stands there.
        Err(error) if error.classify() == Category::Data => Err(vec![whole("is no JSON object")]),
        Err(error) => {
            let detail = format!("is not JSON (column {})", error.column());
            Err(vec![whole(&detail)])
        }
    }
}

/// The members of an object in their order, also those that are there twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::MAX_RECORD_BYTES;
    use super::super::records::tests::read;
    use super::super::source::Format;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(Format::JsonLines, text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn each_line_is_a_record_however_it_ends() {
        check(
            "{\"commonName\":\"Ada\"}\r\n\r\n  \n{\"commonName\":\"Bo\",\"upn\":null}",
            &["1 Ada", "4 Bo"],
        );
        check("", &[]);
    }

    #[test]
    fn a_line_that_is_no_user_is_refused_and_the_next_one_is_read() {
        check(
            "{\"commonName\":\"secret\n[\"secret\"]\n\"secret\"\n{\"commonName\":\"Ada\"}{}\n\
             {\"commonName\":[\"secret\"]}\n{\"commonName\":\"Bo\",\"commonName\":\"secret\"}\n\
             {\"commonName\":\"Cy\"}\n",
            &[
                "1  is not JSON (column 21)",
                "2  is no JSON object",
                "3  is no JSON object",
                "4  is not JSON (column 21)",
                "5 /commonName is neither a text nor null",
                "6 /commonName is there twice",
                "7 Cy",
            ],
        );
        assert_eq!(
            read(
                Format::JsonLines,
                b"{\"commonName\":\"Ad\xe4\"}\n{\"commonName\":\"Bo\"}"
            ),
            ["1  is not JSON (column 18)", "2 Bo"]
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_without_being_kept() {
        let long = "x".repeat(3 * usize::try_from(MAX_RECORD_BYTES).unwrap());
        check(
            &format!("{{\"commonName\":\"{long}\"}}\n{{\"commonName\":\"Bo\"}}\n"),
            &["1  has more than 65536 bytes", "2 Bo"],
        );
    }
}
