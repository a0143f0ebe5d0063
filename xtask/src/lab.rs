//! Labs: lists of `othello-lens` commands that make a bundle from nothing. See `labs/README.md`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xshell::cmd;

use crate::toolchain;
use crate::workspace::Workspace;

/// What a finished folder of a command that does not take up again what is there has in it.
const FINISHED: [&str; 3] = ["measured.json", "manifest.json", "probes.json"];

/// Where such a file says by which command it was made.
const MADE_BY: [&str; 2] = ["/step/command", "/provenance/command"];

/// Runs the lab `name`.
pub(crate) fn run(workspace: &Workspace, name: &str) -> Result<()> {
    let file = workspace.path("labs").join(name).join("commands");
    let text = fs::read_to_string(&file)
        .with_context(|| format!("there is no lab `{name}`; there are {}", known(workspace)))?;
    let commands = commands(&text)?;

    let shell = &workspace.shell;
    let commit = cmd!(shell, "git rev-parse HEAD").read().unwrap_or_default();
    let (features, environment) = match on_libtorch(&commands) {
        true => ("cli,torch", toolchain::libtorch(workspace)?),
        false => ("cli", Vec::new()),
    };
    let mut build = environment.clone();
    build.push(("OTHELLO_LENS_COMMIT", commit.into()));
    let program = workspace.program(features, &build)?;
    for arguments in commands {
        if let Some(done) = finished(&workspace.root, &arguments)? {
            println!("{done} is there");
            continue;
        }
        cmd!(shell, "{program} {arguments...}").envs(environment.clone()).run()?;
    }
    Ok(())
}

/// Whether one of the commands computes on a device of libtorch.
fn on_libtorch(commands: &[Vec<String>]) -> bool {
    let device = |pair: &[String]| pair[0] == "--device" && pair[1].starts_with("torch");
    commands.iter().any(|words| words.windows(2).any(device))
}

/// The arguments of each command. `#` begins a comment, single quotes hold words together.
fn commands(text: &str) -> Result<Vec<Vec<String>>> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(|line| words(line).with_context(|| line.to_owned())).collect()
}

fn words(line: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    ensure!(line.matches('\'').count().is_multiple_of(2), "a quote is left open");
    Ok(words)
}

/// The folder that the command is to make, if it is there and finished. What another command has made is
/// refused.
fn finished(root: &Path, arguments: &[String]) -> Result<Option<String>> {
    let Some(out) = arguments.iter().skip_while(|argument| *argument != "--out").nth(1) else {
        return Ok(None);
    };
    let files = FINISHED.map(|file| root.join(out).join(file));
    let Some(file) = files.into_iter().find(|file| file.exists()) else {
        return Ok(None);
    };
    let json: Value =
        serde_json::from_slice(&fs::read(&file)?).with_context(|| file.display().to_string())?;
    if let Some(command) = MADE_BY.iter().find_map(|place| json.pointer(place)?.as_str()) {
        let made_by = words(command)?;
        ensure!(
            made_by.get(1..) == Some(arguments),
            "{out} was made by another command, `{command}`: remove it, and what was made from it"
        );
    }
    Ok(Some(out.clone()))
}

fn known(workspace: &Workspace) -> String {
    let folders = fs::read_dir(workspace.path("labs")).into_iter().flatten().flatten();
    let mut names: Vec<String> = folders
        .filter(|entry| entry.path().join("commands").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_its_words() {
        let text = "# made by hand\n\nbundle build --name 'Othello GPT' --out x\n";
        assert_eq!(commands(text).unwrap(), [["bundle", "build", "--name", "Othello GPT", "--out", "x"]]);
        assert!(commands("bundle build --name 'Othello").is_err());
    }

    #[test]
    fn libtorch_is_wanted_where_a_command_computes_on_it() {
        let wanted = |text: &str| on_libtorch(&commands(text).unwrap());
        assert!(wanted("bundle check x\ntrain gpt --device torch-cuda --out x"));
        assert!(!wanted("train gpt --device cpu --out torch"));
    }

    #[test]
    fn what_another_command_has_made_is_refused() {
        let root = std::env::temp_dir().join(format!("othello-lens-lab-{}", std::process::id()));
        fs::create_dir_all(root.join("m")).unwrap();
        let arguments = words("measure --model 'a b' --out m").unwrap();
        assert_eq!(finished(&root, &arguments).unwrap(), None);
        let made_by = |command: &str| {
            let json = serde_json::json!({ "step": { "command": command } });
            fs::write(root.join("m/measured.json"), json.to_string()).unwrap();
        };
        made_by("othello-lens measure --model 'a b' --out m");
        assert_eq!(finished(&root, &arguments).unwrap().as_deref(), Some("m"));
        made_by("othello-lens measure --model c --out m");
        let error = finished(&root, &arguments).unwrap_err().to_string();
        assert!(error.contains("m was made by another command, `othello-lens measure --model c"), "{error}");
        fs::remove_dir_all(root).unwrap();
    }
}
