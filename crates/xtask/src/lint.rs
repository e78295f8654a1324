//! `cargo xtask lint`: every check that needs no running system. All are run, then the failed
//! ones are named.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::error::{Context, Error};
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

const CARGO_DENY_VERSION: &str = "0.20.2";

pub(crate) fn run() -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let tools = Tools::installed(&workspace)?;
    let deny = tools::cargo_tool(&workspace, "cargo-deny", CARGO_DENY_VERSION)?;
    let root = &workspace.root;

    let mut failed = Vec::new();
    let mut check = |name: &str, command: &mut Command| -> Result<(), Error> {
        eprintln!("--- {name}");
        if !command
            .current_dir(root)
            .status()
            .doing(format!("start {name}"))?
            .success()
        {
            failed.push(name.to_owned());
        }
        Ok(())
    };
    check(
        "format",
        workspace.cargo().args(["fmt", "--all", "--check"]),
    )?;
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    check("clippy", workspace.cargo().args(clippy))?;
    check(
        "dependencies",
        deny_check(&deny).args(["bans", "licenses", "sources"]),
    )?;
    if has_advisories(&workspace, &deny)? {
        check(
            "advisories",
            deny_check(&deny).args(["--disable-fetch", "advisories"]),
        )?;
    } else {
        eprintln!("--- advisories were NOT checked: their database cannot be fetched from here");
    }
    let cfn_lint = || Command::new(tools.path("cfn-lint"));
    check("template", cfn_lint().arg("infra/template.yaml"))?;
    let serverless = [
        "-a",
        "cfn_lint_serverless.rules",
        "-t",
        "infra/template.yaml",
    ];
    check("template, serverless rules", cfn_lint().args(serverless))?;
    for document in ["infra/api.yaml", "infra/producer-api.yaml"] {
        check(
            document,
            Command::new(tools.path("openapi-spec-validator")).arg(document),
        )?;
    }

    if failed.is_empty() {
        eprintln!("All checks passed.");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("Failed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

fn deny_check(deny: &Path) -> Command {
    let mut command = Command::new(deny);
    command.args(["--workspace", "check", "--hide-inclusion-graph"]);
    command
}

/// Whether the database of advisories is here: fetched now, since an old one says little.
fn has_advisories(workspace: &Workspace, deny: &Path) -> Result<bool, Error> {
    let output = Command::new(deny)
        .args(["fetch", "db"])
        .current_dir(&workspace.root)
        .output()
        .doing("fetch the advisories")?;
    Ok(output.status.success())
}
