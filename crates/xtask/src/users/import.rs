//! `cargo xtask users import`: users from a file into the directory, any number of them.
//!
//! Blocks of records are stored one after the other, so a later record of a user counts. After each
//! block the progress is written down; an import that is run again goes on after the last one.
//! Users who get a UPN that another user has as well are stored and reported: neither signs in by it.
//! What a run that died had stored beyond that is stored once more, which changes nothing.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cardwright_app::ports::{Clock, Tokens};
use cardwright_aws::System;
use cardwright_aws::dynamodb::Imported;
use cardwright_domain::user::User;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc::Receiver;

use super::blocks::{Block, Reading, read};
use super::progress::Progress;
use super::source::Source;
use super::target::Target;
use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::workspace::Workspace;

/// Records in a block. Large enough that waiting for the last write of a block is no loss.
const BLOCK_RECORDS: usize = 2_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file; `-` is the standard input.
    file: PathBuf,
    /// A users table in AWS, with region, credentials and endpoint as the environment says
    /// (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
    /// AWS_ENDPOINT_URL). Without it, the local stack that `cargo xtask up` started.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// Where to keep how far the import is, until it is done. Without it, a file in target/import;
    /// the standard input has none, since it can't be read again.
    #[arg(long, value_name = "FILE")]
    progress_file: Option<PathBuf>,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let source = Source::named(&args.file);
    if source.file().is_none() && args.progress_file.is_some() {
        let reason = "what is no file can't be read again, so it has no progress file";
        return Err(Error::Refused(reason.into()));
    }
    let target = Target::find(&workspace, args.table.as_deref()).await?;
    let folder = workspace.target.join("import");
    let started = System.now();
    let (before, done) = import(&source, &target, &folder, args.progress_file).await?;
    let Progress {
        written,
        unchanged,
        refused,
        ..
    } = done;
    let users = (written + unchanged) - (before.written + before.unchanged);
    let rate = rate(users, System.now().since(started));
    println!("{written} written, {unchanged} unchanged, {refused} refused ({rate} users/s)");
    Ok(if refused == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate for people, in whole numbers"
)]
fn rate(users: usize, time: jiff::SignedDuration) -> String {
    format!("{:.0}", users as f64 / time.as_secs_f64().max(0.001))
}

/// Imports a file into a local stack; answers how many users it has written.
pub(crate) async fn import_file(file: &Path, stack: &Stack, folder: &Path) -> Result<usize, Error> {
    let target = Target::local(stack).await?;
    let (_, done) = import(&Source::named(file), &target, folder, None).await?;
    Ok(done.written)
}

/// Where the import stood at the beginning, and what it came to.
async fn import(
    source: &Source,
    target: &Target,
    folder: &Path,
    progress_file: Option<PathBuf>,
) -> Result<(Progress, Progress), Error> {
    let import = match source.file() {
        Some(path) => fingerprint(path, &target.id)?,
        None => System.claim_token().0.to_string(),
    };
    let default = || folder.join(&import).with_extension("json");
    let file = source.file().map(|_| progress_file.unwrap_or_else(default));
    let progress = Progress::load(file.as_deref(), &import)?;
    let bar = bar(source)?;
    let (format, text) = source.format(bar.wrap_read(source.open()?))?;
    let reading = Reading {
        format,
        import,
        skip: progress.records,
        block_records: BLOCK_RECORDS,
    };
    let store = async |users: &[User]| target.store(users).await;
    let show = |line: &str| bar.suspend(|| eprintln!("{line}"));
    let before = progress.clone();
    let done = run_blocks(read(text, reading), store, progress, file.as_deref(), show).await;
    bar.finish_and_clear();
    Ok((before, done?))
}

/// Stores block by block.
async fn run_blocks(
    mut blocks: Receiver<Result<Block, Error>>,
    store: impl AsyncFn(&[User]) -> Result<Imported, Error>,
    mut progress: Progress,
    file: Option<&Path>,
    show: impl Fn(&str),
) -> Result<Progress, Error> {
    while let Some(block) = blocks.recv().await {
        let block = block?;
        let stored = store(&block.users).await?;
        block.refusals.iter().for_each(|line| show(line));
        for user_id in &stored.upn_shared {
            show(&format!(
                "user {user_id}: /upn is another user's too, so neither signs in"
            ));
        }
        progress.records += block.records;
        progress.written += stored.written;
        progress.unchanged += stored.unchanged;
        progress.refused += block.refusals.len();
        progress.save(file)?;
    }
    Progress::forget(file)?;
    Ok(progress)
}

/// Tells one file and table from another (FNV-1a, 64 bits: nobody gains by a collision).
fn fingerprint(file: &Path, table_id: &str) -> Result<String, Error> {
    let reading = || format!("read {}", file.display());
    let mut text = std::fs::File::open(file).doing(reading())?;
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut mix = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match text.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => mix(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).doing(reading()),
        }
    }
    mix(table_id.as_bytes());
    Ok(format!("{hash:016x}"))
}

/// By bytes, because nobody knows the number of records before the end. Hidden where the standard
/// error is no terminal.
fn bar(source: &Source) -> Result<ProgressBar, Error> {
    let template = "{bar:40} {percent:>3}%  {bytes_per_sec}  {eta} left";
    let style = ProgressStyle::with_template(template).doing("draw a progress bar")?;
    let bar = match source.file() {
        None => ProgressBar::new_spinner(),
        Some(path) => {
            let metadata = path.metadata().doing(format!("open {}", path.display()))?;
            ProgressBar::new(metadata.len()).with_style(style)
        }
    };
    Ok(bar)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Cursor;

    use super::*;
    use crate::error::chain;
    use crate::users::source::Format;

    const TEN: &str = "employeeNumber,commonName,department\n\
        1,A,\n2,B,\n3,C,\n4,,\n5,E,\n6,F,\n7,G,\n8,\"H\",\"has\na line\"\n9,I,\n10,J,\n";

    /// What one run did: blocks of common names, lines about refused records, how it ended.
    #[derive(Debug, Default, PartialEq)]
    struct Seen {
        blocks: Vec<String>,
        refusals: Vec<String>,
        end: String,
    }

    /// Runs an import in blocks of four; the store fails at the block with this number, and to it each
    /// UPN is another user's too.
    async fn run(csv: &'static str, file: Option<&Path>, fails_at: usize) -> Seen {
        let progress = Progress::load(file, "test").unwrap();
        let reading = Reading {
            format: Format::Csv,
            import: "test".into(),
            skip: progress.records,
            block_records: 4,
        };
        let blocks = read(Box::new(Cursor::new(csv)), reading);
        let seen = RefCell::new(Seen::default());
        let store = async |users: &[User]| {
            if seen.borrow().blocks.len() == fails_at {
                return Err(Error::Refused("no answer".into()));
            }
            let names: String = users.iter().map(|user| user.common_name.as_str()).collect();
            seen.borrow_mut().blocks.push(names);
            let shared = users.iter().filter(|user| user.upn.is_some());
            Ok(Imported {
                written: users.len(),
                unchanged: 0,
                upn_shared: shared.map(|user| user.user_id.clone()).collect(),
            })
        };
        let show = |line: &str| seen.borrow_mut().refusals.push(line.into());
        let done = run_blocks(blocks, store, progress, file, show).await;
        let end = match done {
            Ok(done) => format!("{} of {}", done.written, done.records),
            Err(error) => chain(&error),
        };
        Seen {
            end,
            ..seen.into_inner()
        }
    }

    fn seen(blocks: &[&str], refusals: &[&str], end: &str) -> Seen {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Seen {
            blocks: owned(blocks),
            refusals: owned(refusals),
            end: end.into(),
        }
    }

    const BLANK_NAME: &str = "line 5: /commonName is required";
    const LINE_END: &str = "line 9: /department has control characters";

    #[tokio::test]
    async fn a_record_that_is_no_user_is_reported_and_the_others_go_on() {
        let expected = seen(&["ABC", "EFG", "IJ"], &[BLANK_NAME, LINE_END], "8 of 10");
        assert_eq!(run(TEN, None, 9).await, expected);
    }

    #[tokio::test]
    async fn an_import_that_was_broken_off_goes_on_after_the_last_block() {
        let folder = std::env::temp_dir().join(format!("cardwright-import-{}", std::process::id()));
        let file = folder.join("progress.json");
        let broken_off = run(TEN, Some(&file), 1).await;
        assert_eq!(broken_off, seen(&["ABC"], &[BLANK_NAME], "no answer"));
        let resumed = run(TEN, Some(&file), 9).await;
        assert_eq!(resumed, seen(&["EFG", "IJ"], &[LINE_END], "8 of 10"));
        // It is done, so the next one begins at the beginning.
        let again = run(TEN, Some(&file), 1).await;
        assert_eq!(again.blocks, ["ABC"]);
        let other = Progress::load(Some(&file), "other").unwrap_err();
        assert!(
            other
                .to_string()
                .contains("is the progress of another file"),
            "{other}"
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_later_record_of_a_user_is_stored_after_the_earlier_one() {
        let csv = "userId,commonName\n1,A\n2,B\n1,C\n1,D\n3,E\n";
        assert_eq!(
            run(csv, None, 9).await,
            seen(&["AB", "C", "DE"], &[], "5 of 5")
        );
    }

    #[tokio::test]
    async fn a_user_whose_upn_is_another_users_is_stored_and_reported() {
        let csv = "userId,commonName,upn\n1,A,a@b.c\n2,B,\n";
        let shared = "user 1: /upn is another user's too, so neither signs in";
        assert_eq!(run(csv, None, 9).await, seen(&["AB"], &[shared], "2 of 2"));
    }

    #[tokio::test]
    async fn a_file_that_can_not_be_understood_stores_nothing() {
        let fault = "column 2 of the header, \"phone\", is no attribute of a user";
        let refused = run("commonName,phone\nA,1\n", None, 9).await;
        assert!(
            refused.end.starts_with(fault) && refused.blocks.is_empty(),
            "{refused:?}"
        );
    }

    #[test]
    fn another_file_and_another_table_are_another_import() {
        let folder = std::env::temp_dir().join(format!("cardwright-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (one, same, other) = (folder.join("1"), folder.join("2"), folder.join("3"));
        for (file, text) in [(&one, "a"), (&same, "a"), (&other, "b")] {
            std::fs::write(file, text).unwrap();
        }
        let of = |file: &Path, table: &str| fingerprint(file, table).unwrap();
        assert_eq!(of(&one, "t1"), of(&same, "t1"));
        assert_ne!(of(&one, "t1"), of(&other, "t1"));
        assert_ne!(of(&one, "t1"), of(&one, "t2"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
