//! Starting the real program in the wrong place, or beside another: it says so, and makes nothing.

use reqwest::Client;
use serde_json::json;

use crate::engine::Engine;
use crate::killed::{program, ready, serve};
use crate::person::PASSWORD;
use crate::program::free_address;
use crate::world::run;

fn http() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

#[test]
fn what_only_looks_makes_no_inbox_where_there_is_none() {
    let place = Engine::Sqlite.place();
    for act in [&["audit", "verify"][..], &["user", "list"], &["jobs"], &["jobs", "forget", "all"]] {
        let output = program(&place, act).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("there is no inbox at") && said.contains("--data-dir"), "{said}");
    }
    assert!(!place.folder.path().join("secret.key").exists());
}

#[cfg(unix)]
#[test]
fn a_folder_that_the_program_makes_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("inbox").join("data");
    let mut migrate = std::process::Command::new(env!("CARGO_BIN_EXE_partyline"));
    migrate.arg("migrate").arg("--data-dir").arg(&data).env_clear();
    let output = migrate.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(data.join("partyline.db").exists());
}

#[test]
fn a_second_server_on_the_same_file_is_refused_wherever_its_other_data_lies() {
    run(async {
        let (place, elsewhere) = (Engine::Sqlite.place(), tempfile::tempdir().unwrap());
        let _first = serve(&place, &free_address(), &http()).await;
        std::fs::copy(place.folder.path().join("secret.key"), elsewhere.path().join("secret.key")).unwrap();
        let mut second = std::process::Command::new(env!("CARGO_BIN_EXE_partyline"));
        second.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &place.url]);
        let output = second.arg("--data-dir").arg(elsewhere.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("another server runs on"), "{said}");
    });
}

#[test]
fn a_stranger_behind_a_proxy_can_not_make_the_first_workspace() {
    run(async {
        let (place, http) = (Engine::Sqlite.place(), http());
        for (public, status) in [("https://inbox.example.com", 403), ("http://127.0.0.1:9", 201)] {
            let listen = free_address();
            let mut command = program(&place, &["serve"]);
            command.args(["--public-url", public]);
            let _running = ready(command, &listen, &http).await;
            let body = json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
            let answer = http.post(format!("http://{listen}/api/v1/setup")).json(&body).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{public}: {}", answer.text().await.unwrap());
        }
    });
}
