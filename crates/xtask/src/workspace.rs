//! Where things are: the workspace, its target folder, and the folder of a local stack.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Error};

/// The functions: a crate in `functions/`, a binary and a folder in `target/lambda` each.
pub(crate) const FUNCTIONS: [&str; 14] = [
    "search-users",
    "order-card",
    "abort-order",
    "decide-order",
    "repeat-order",
    "refresh-order",
    "receive-producer-event",
    "manage-card",
    "view-cards",
    "manage-options",
    "drain-orders",
    "sync-orders",
    "keep-deadlines",
    "send-card-ordered-email",
];

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    /// Where a build for development puts its programs: beside this one.
    pub(crate) binaries: PathBuf,
}

impl Workspace {
    /// Found by what `cargo run` says and by where this program lies, so that a broken manifest
    /// somewhere does not keep anyone from stopping a stack.
    pub(crate) fn find() -> Result<Self, Error> {
        let program = std::env::current_exe().doing("find this program's own file")?;
        let binaries = program.parent();
        let target = binaries.and_then(Path::parent);
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = package
            .as_deref()
            .and_then(Path::parent)
            .and_then(Path::parent);
        match (root, target, binaries) {
            (Some(root), Some(target), Some(binaries)) => Ok(Self {
                root: root.to_owned(),
                target: target.to_owned(),
                binaries: binaries.to_owned(),
            }),
            _ => Err(Error::Refused("run this as `cargo xtask`".into())),
        }
    }

    /// The folder of the stack that a developer starts with `up`.
    pub(crate) fn local(&self) -> StackFolder {
        StackFolder(self.target.join("local"))
    }

    /// The folder of the stack that `test` starts: it never disturbs the developer's.
    pub(crate) fn local_test(&self) -> StackFolder {
        StackFolder(self.target.join("local-test"))
    }

    /// The folder of the stack that `demo` starts.
    pub(crate) fn local_demo(&self) -> StackFolder {
        StackFolder(self.target.join("local-demo"))
    }

    /// The folder of the stack that `fuzz` starts.
    pub(crate) fn local_fuzz(&self) -> StackFolder {
        StackFolder(self.target.join("local-fuzz"))
    }

    /// The folder of the stack that `chaos` starts.
    pub(crate) fn local_chaos(&self) -> StackFolder {
        StackFolder(self.target.join("local-chaos"))
    }

    /// A `cargo` command in the workspace's root.
    pub(crate) fn cargo(&self) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        command.current_dir(&self.root);
        command
    }
}

/// What one local stack keeps on disk. Everything but the logs goes away with the stack.
#[derive(Clone, Debug)]
pub(crate) struct StackFolder(PathBuf);

impl StackFolder {
    pub(crate) fn stack_file(&self) -> PathBuf {
        self.0.join("stack.json")
    }

    /// Which processes belong to the stack.
    pub(crate) fn processes_file(&self) -> PathBuf {
        self.0.join("processes.json")
    }

    /// The password of every local user, made at random by `up`.
    pub(crate) fn password_file(&self) -> PathBuf {
        self.0.join("password")
    }

    /// The emulator's state and temporary files.
    pub(crate) fn state(&self) -> PathBuf {
        self.0.join("state")
    }

    pub(crate) fn log_file(&self, process: &str) -> PathBuf {
        self.0.join(format!("{process}.log"))
    }
}
