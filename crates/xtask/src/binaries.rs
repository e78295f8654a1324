//! Builds the Rust binaries and makes the functions' zips.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::error::{Context, Error};
use crate::tools;
use crate::workspace::{FUNCTIONS, Workspace};

/// Builds every binary of the workspace for this machine. All of them at once, because a build of
/// some packages may choose other features for the AWS SDK and then compile it again.
pub(crate) fn build_for_development(workspace: &Workspace) -> Result<(), Error> {
    tools::run(workspace.cargo().args(["build", "--workspace", "--bins"]))
}

/// Builds the functions as they go to AWS.
pub(crate) fn build_for_release(workspace: &Workspace) -> Result<PathBuf, Error> {
    let mut command = workspace.cargo();
    command.args(["build", "--release"]);
    for function in FUNCTIONS {
        command.args(["--package", function]);
    }
    tools::run(&mut command)?;
    Ok(workspace.target.join("release"))
}

/// A zip as Lambda wants it for an OS-only runtime: one program, named `bootstrap`. The same
/// program always gives the same zip, so that a deployment replaces only what has changed.
pub(crate) fn zip(binary: &Path, method: CompressionMethod) -> Result<Vec<u8>, Error> {
    let program = std::fs::read(binary).doing(format!("read {}", binary.display()))?;
    let zipping = || format!("zip {}", binary.display());
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .unix_permissions(0o755);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", options).doing(zipping())?;
    zip.write_all(&program).doing(zipping())?;
    Ok(zip.finish().doing(zipping())?.into_inner())
}
