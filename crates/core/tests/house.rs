//! The house stands as it was drawn: dependencies point one way, and what belongs to one room is in no other.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every package that each of ours is built from, tests left out.
fn trees() -> BTreeMap<String, BTreeSet<String>> {
    // only this platform's packages are sure to be here
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|l| l.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let name_of: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let from = name_of[node["id"].as_str().unwrap()];
        for dep in node["deps"].as_array().unwrap() {
            let built = dep["dep_kinds"].as_array().unwrap().iter().any(|k| k["kind"].is_null());
            if built {
                edges.entry(from).or_default().insert(name_of[dep["pkg"].as_str().unwrap()]);
            }
        }
    }
    let ours = name_of.values().filter(|n| n.starts_with("partyline"));
    ours.map(|name| {
        let mut tree = BTreeSet::new();
        let mut open = vec![*name];
        while let Some(next) = open.pop() {
            for dep in edges.get(next).into_iter().flatten() {
                if tree.insert((*dep).to_owned()) {
                    open.push(dep);
                }
            }
        }
        ((*name).to_owned(), tree)
    })
    .collect()
}

#[test]
fn dependencies_point_one_way() {
    let trees = trees();
    let forbidden: [(&str, &[&str]); 10] = [
        (
            "partyline-core",
            &[
                "tokio",
                "reqwest",
                "hyper",
                "axum",
                "rusqlite",
                "postgres",
                "tokio-postgres",
                "partyline-meters",
                "partyline-store",
                "partyline-channels",
                "partyline-desk",
                "partyline-server",
                "partyline-carrier",
            ],
        ),
        (
            "partyline-store",
            &["axum", "reqwest", "partyline-channels", "partyline-desk", "partyline-server", "partyline-carrier"],
        ),
        (
            "partyline-channels",
            &[
                "axum",
                "rusqlite",
                "postgres",
                "partyline-store",
                "partyline-desk",
                "partyline-server",
                "partyline-carrier",
            ],
        ),
        (
            "partyline-bucket",
            &["axum", "partyline-channels", "partyline-desk", "partyline-server", "partyline-carrier"],
        ),
        (
            "partyline-mail",
            &["axum", "aws-lc-rs", "native-tls", "partyline-bucket", "partyline-server", "partyline-carrier"],
        ),
        (
            "partyline-push",
            &["axum", "aws-lc-rs", "native-tls", "partyline-bucket", "partyline-server", "partyline-carrier"],
        ),
        (
            "partyline-meters",
            &[
                "tokio",
                "partyline-core",
                "partyline-store",
                "partyline-channels",
                "partyline-desk",
                "partyline-server",
                "partyline-carrier",
            ],
        ),
        (
            "partyline-desk",
            &[
                "axum",
                "lettre",
                "partyline-bucket",
                "partyline-mail",
                "partyline-push",
                "partyline-server",
                "partyline-carrier",
            ],
        ),
        ("partyline-server", &["partyline-carrier"]),
        (
            "partyline-carrier",
            &["partyline-core", "partyline-store", "partyline-channels", "partyline-desk", "partyline-server"],
        ),
    ];
    for (crate_name, others) in forbidden {
        let tree = &trees[crate_name];
        let wrong: Vec<_> = others.iter().filter(|o| tree.contains(**o)).collect();
        assert!(wrong.is_empty(), "{crate_name} must not depend on {wrong:?}");
    }
}

fn sources(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "node_modules" | "dist" | "tests" | "target" | "locales") {
                sources(&path, endings, found);
            }
        } else if endings.iter().any(|e| name.ends_with(e)) {
            found.push(path);
        }
    }
}

/// Lines of code (comments left out) in these folders that hold one of the words.
fn lines_with(folders: &[&str], endings: &[&str], holds: impl Fn(&str) -> bool) -> Vec<String> {
    let mut files = Vec::new();
    for folder in folders {
        sources(&root().join(folder), endings, &mut files);
    }
    assert!(files.len() > 5, "nothing was looked at");
    let mut lines = Vec::new();
    for file in files {
        for (n, line) in std::fs::read_to_string(&file).unwrap().lines().enumerate() {
            if !line.trim_start().starts_with("//") && holds(line) {
                lines.push(format!("{}:{}: {}", file.strip_prefix(root()).unwrap().display(), n + 1, line.trim()));
            }
        }
    }
    lines
}

#[test]
fn sql_is_in_the_store_alone() {
    let folders = [
        "crates/core/src",
        "crates/channels/src",
        "crates/desk/src",
        "crates/server/src",
        "crates/carrier/src",
        "crates/partyline/src",
    ];
    let found = lines_with(&folders, &[".rs"], |line| {
        ["\"SELECT ", "\"INSERT INTO ", "\"DELETE FROM ", "\"UPDATE "].iter().any(|w| line.contains(w))
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_core_has_no_clock_of_its_own() {
    let found = lines_with(&["crates/core/src"], &[".rs"], |line| {
        ["SystemTime", "Instant::now", "Timestamp::now", "Zoned::now", "std::fs", "std::net"]
            .iter()
            .any(|w| line.contains(w))
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A provider is a folder in `channels`; its name elsewhere would be a special case.
#[test]
fn a_provider_is_named_in_its_folder_only() {
    let names = ["twilio", "signalwire", "dialpad"];
    let folders =
        ["crates/core/src", "crates/store/src", "crates/desk/src", "crates/server/src", "web/inbox/src", "web/kit"];
    let found = lines_with(&folders, &[".rs", ".ts", ".tsx"], |line| {
        let line = line.to_lowercase();
        names.iter().any(|n| line.contains(n))
    });
    let found: Vec<_> = found
        .into_iter()
        .filter(|l| {
            !l.contains(".test.ts")
                && !l.contains("/testkit/")
                && !l.contains("schema.gen")
                && !l.contains("lookalikes")
                && !l.contains("replacements.rs")
                && !l.contains("tests.rs")
        })
        .collect();
    // what people read is a message of the catalogue, whatever it names
    let found: Vec<_> = found.into_iter().filter(|l| !l.contains("t`") && !l.contains("<Trans>")).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A channel's `send` takes a permit, and a permit is made by the gate: no other way leads there.
#[test]
fn the_gate_is_the_only_way_to_send() {
    let makes = lines_with(&["crates"], &[".rs"], |line| {
        line.contains("Permit {") && !line.contains("struct Permit") && !line.contains("impl")
    });
    assert!(makes.iter().all(|l| l.starts_with("crates/core/src/consent/gate.rs")), "{}", makes.join("\n"));
    let sends = lines_with(&["crates/desk/src", "crates/server/src", "crates/partyline/src"], &[".rs"], |line| {
        line.contains("provider.send(")
    });
    assert_eq!(sends.len(), 1, "{}", sends.join("\n"));
    assert!(sends[0].starts_with("crates/desk/src/deliver.rs"), "{}", sends[0]);
}

/// Keys and tokens come from the operating system: only the simulation hands in its own randomness, and its own turns.
#[test]
fn no_server_hands_in_randomness() {
    let found = lines_with(&["crates"], &[".rs"], |line| {
        (line.contains("hand_in_randomness(") || line.contains("open_in_turns(")) && !line.contains("pub fn")
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}
