//! The pinned Python tools of `infra/local`, in a virtual environment under `target/`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Error};
use crate::workspace::Workspace;

#[derive(Debug)]
pub(crate) struct Tools(PathBuf);

impl Tools {
    /// The tools as `infra/local/requirements.txt` pins them now; installs them when it changed.
    pub(crate) fn installed(workspace: &Workspace) -> Result<Self, Error> {
        Self::pinned(workspace, "requirements.txt", "venv")
    }

    /// What only `cargo xtask fuzz` needs. It lies apart, so that nobody installs it to see a stack.
    pub(crate) fn for_fuzzing(workspace: &Workspace) -> Result<Self, Error> {
        Self::pinned(workspace, "fuzz-requirements.txt", "fuzz-venv")
    }

    fn pinned(workspace: &Workspace, requirements: &str, venv: &str) -> Result<Self, Error> {
        let local = workspace.target.join("local");
        let venv = local.join(venv);
        let file = workspace.root.join("infra/local").join(requirements);
        let wanted = read(&file)?;
        // The copy is written last, so an installation that was broken off is made again.
        let installed = venv.join("requirements.txt");

        std::fs::create_dir_all(&local).doing(format!("make {}", local.display()))?;
        let lock = File::create(local.join("venv.lock")).doing("make the lock of the tools")?;
        lock.lock()
            .doing("wait for another installation of the tools")?;
        if read(&installed).is_ok_and(|text| text == wanted) {
            return Ok(Self(venv));
        }
        eprintln!("Installing the Python tools of infra/local (once) ...");
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&venv))?;
        run(Command::new(venv.join("bin/python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--no-compile", "--require-hashes", "--requirement"])
            .arg(&file))?;
        std::fs::write(&installed, wanted).doing("note what is installed")?;
        Ok(Self(venv))
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.0.join("bin").join(program)
    }
}

fn read(file: &Path) -> Result<String, Error> {
    std::fs::read_to_string(file).doing(format!("read {}", file.display()))
}

/// Runs a command to its end; its output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().doing(format!("start {program}"))?;
    if status.success() {
        return Ok(());
    }
    let args: Vec<_> = command
        .get_args()
        .map(|arg| arg.to_string_lossy())
        .collect();
    Err(Error::Refused(format!(
        "`{program} {}` failed: {status}",
        args.join(" ")
    )))
}

/// A cargo subcommand of this version: the one on the PATH, or one that is built once into
/// `target/tools`.
pub(crate) fn cargo_tool(
    workspace: &Workspace,
    name: &str,
    version: &str,
) -> Result<PathBuf, Error> {
    let folder = workspace.target.join("tools");
    let own = folder.join("bin").join(name);
    let subcommand = name.trim_start_matches("cargo-");
    for candidate in [PathBuf::from(name), own.clone()] {
        let said = Command::new(&candidate)
            .args([subcommand, "--version"])
            .output();
        if said.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains(version)) {
            return Ok(candidate);
        }
    }
    eprintln!("Building {name} {version} (once, some minutes) ...");
    run(workspace
        .cargo()
        .args([
            "install",
            "--locked",
            "--quiet",
            "--version",
            version,
            "--root",
        ])
        .arg(&folder)
        .arg(name))?;
    Ok(own)
}
