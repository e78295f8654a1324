//! `cargo xtask package`: what `aws cloudformation package` uploads.

use std::process::ExitCode;

use zip::CompressionMethod;

use crate::binaries;
use crate::error::{Context, Error};
use crate::workspace::{FUNCTIONS, Workspace};

pub(crate) fn run() -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let release = binaries::build_for_release(&workspace)?;
    println!("{:<26} {:>10} {:>10}", "function", "program kB", "zip kB");
    for function in FUNCTIONS {
        let binary = release.join(function);
        let zip = binaries::zip(&binary, CompressionMethod::Deflated)?;
        // The place that `infra/template.yaml` names, and that `cargo lambda build` writes to.
        let folder = workspace.target.join("lambda").join(function);
        std::fs::create_dir_all(&folder).doing(format!("make {}", folder.display()))?;
        std::fs::write(folder.join("bootstrap.zip"), &zip).doing(format!("zip {function}"))?;
        let program = binary
            .metadata()
            .doing(format!("read {}", binary.display()))?
            .len();
        println!(
            "{function:<26} {:>10} {:>10}",
            program / 1000,
            zip.len() / 1000
        );
    }
    println!("The zips are in target/lambda. README.md says how to deploy them.");
    Ok(ExitCode::SUCCESS)
}
