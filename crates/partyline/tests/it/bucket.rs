//! Files in a bucket, on a real S3 server: what is kept, what is refused, and what happens while the server is away.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use partyline_bucket::{S3, Settings, Trouble};
use partyline_carrier::Picture;
use partyline_store::blobs::Files;
use partyline_store::{StoreError, Workspace};
use reqwest::header::{ACCEPT_RANGES, CONTENT_RANGE, RANGE};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::cluster::serve;
use crate::engine::{Engine, Place};
use crate::killed::{Program as Running, program as program_at};
use crate::media::PNG;
use crate::person::{Answer, PASSWORD, Person, id};
use crate::program::free_address;
use crate::world::{MAYA, WEST, carrier, credentials, fast, run, until};

const NAME: &str = "inbox-files";
const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "a secret of the bucket's server";
const OURS: Workspace = Workspace(1);

/// A running S3 server; gone, with its connections, when dropped. Its objects stay.
struct Server {
    address: SocketAddr,
    serving: tokio::task::AbortHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    /// Over a folder, whose folders are its buckets.
    async fn start(folder: &Path, address: SocketAddr) -> Server {
        let listener = until("the address is free", async || TcpListener::bind(address).await.ok()).await;
        let address = listener.local_addr().unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let serving = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                connections.spawn(async move {
                    let builder = Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Server { address, serving: serving.abort_handle() }
    }

    fn variables(&self, secret: &str) -> [(&'static str, String); 4] {
        [
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
        ]
    }

    fn bucket(&self, url: &str, secret: &str) -> S3 {
        let variables = self.variables(secret);
        let known = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
        S3::new(Settings::read(url, known).unwrap()).unwrap()
    }
}

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|n| u8::try_from(n * n % 251).unwrap()).collect()
}

async fn part(files: &Files, sha256: &[u8], range: std::ops::Range<u64>) -> Vec<u8> {
    let mut reading = files.read(OURS, sha256, Some(range)).await.unwrap();
    let mut read = Vec::new();
    while let Some(chunk) = reading.next().await {
        read.extend_from_slice(&chunk.unwrap());
    }
    read
}

#[test]
fn a_bucket_keeps_files_gives_parts_of_them_and_lets_them_go() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(NAME)).unwrap();
        let server = Server::start(folder.path(), ANY).await;
        let bucket = server.bucket(&format!("s3://{NAME}/west/one"), SECRET);
        bucket.check().await.unwrap();
        let files = Files::in_bucket(Arc::new(bucket));
        let sent = bytes(3_000_000);
        let blob = files.put(OURS, sent.clone()).await.unwrap();
        assert_eq!(files.put(OURS, sent.clone()).await.unwrap(), blob, "the same bytes again");
        assert_eq!(files.get(OURS, &blob.sha256).await.unwrap(), sent);
        assert_eq!(part(&files, &blob.sha256, 1_000_000..2_000_001).await, sent[1_000_000..2_000_001]);
        assert_eq!(part(&files, &blob.sha256, 0..1).await, sent[..1]);
        let missing = files.get(Workspace(2), &blob.sha256).await.expect_err("another workspace's");
        assert!(matches!(missing, StoreError::File(e) if e.kind() == std::io::ErrorKind::NotFound));
        files.remove(OURS, &blob.sha256).await.unwrap();
        files.remove(OURS, &blob.sha256).await.unwrap();
        assert!(matches!(files.get(OURS, &blob.sha256).await, Err(StoreError::File(_))));
    });
}

#[test]
fn a_bucket_that_refuses_says_what_to_mend_and_one_that_is_away_is_used_again_when_it_is_back() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(NAME)).unwrap();
        let server = Server::start(folder.path(), ANY).await;
        let url = format!("s3://{NAME}");
        let lasting = async |bucket: S3| match bucket.check().await {
            Err(Trouble::Lasting(why)) => why,
            other => panic!("{other:?}"),
        };
        let why = lasting(server.bucket(&url, "another secret")).await;
        assert!(why.contains("AWS_ACCESS_KEY_ID") && why.contains("SignatureDoesNotMatch"), "{why}");

        let files = Files::in_bucket(Arc::new(server.bucket(&url, SECRET)));
        let blob = files.put(OURS, bytes(1_000)).await.unwrap();
        let address = server.address;
        drop(server);
        until("it is away", async || tokio::net::TcpStream::connect(address).await.is_err().then_some(())).await;
        for away in [files.get(OURS, &blob.sha256).await.map(drop), files.put(OURS, bytes(2_000)).await.map(drop)] {
            let why = away.expect_err("nobody is there").to_string();
            assert!(why.starts_with("the file storage: it can't be reached"), "{why}");
            assert!(!why.contains("Signature"), "an address is signed: {why}");
        }
        let _server = Server::start(folder.path(), address).await;
        assert_eq!(files.get(OURS, &blob.sha256).await.unwrap(), bytes(1_000));
        files.put(OURS, bytes(2_000)).await.unwrap();
    });
}

#[test]
fn the_program_keeps_its_files_in_a_bucket_and_does_not_start_on_one_that_refuses_it() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(NAME)).unwrap();
        let storage = Server::start(folder.path(), ANY).await;
        let place = Engine::Sqlite.place();
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let start = |secret: &str| {
            let mut command = serve(&place, &listen);
            command.args(["--storage-url", &format!("s3://{NAME}/west")]).envs(storage.variables(secret));
            command
        };
        let mut refused = start("another secret");
        let refused = tokio::task::spawn_blocking(move || refused.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && said.contains("--storage-url") && said.contains("AWS_"), "{said}");

        let mut program = start(SECRET).spawn().unwrap();
        let http = Client::builder().no_proxy().build().unwrap();
        let base = format!("http://{listen}");
        until("the program is ready", async || {
            http.get(format!("{base}/readyz")).send().await.ok().filter(|a| a.status() == 200).map(drop)
        })
        .await;
        let setup = json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
        let olga = Person::enter(&http, &base, "/setup", &setup).await;
        let sent = [b"%PDF-1.7\n".as_slice(), &bytes(500_000)].concat();
        let upload = async |sent: Vec<u8>| {
            let form = Form::new().part("file", Part::bytes(sent).file_name("lease.pdf"));
            Answer::of(olga.request(Method::POST, "/attachments").multipart(form).send().await.unwrap()).await
        };
        let file = upload(sent.clone()).await.is(201);
        let path = format!("/attachments/{}", file["id"].as_str().unwrap());
        let whole = olga.request(Method::GET, &path).send().await.unwrap();
        assert_eq!((whole.status().as_u16(), &whole.headers()[ACCEPT_RANGES]), (200, &"bytes".parse().unwrap()));
        assert_eq!(whole.bytes().await.unwrap(), sent);
        let part = olga.request(Method::GET, &path).header(RANGE, "bytes=100-199").send().await.unwrap();
        assert_eq!(part.status(), 206);
        assert_eq!(part.headers()[CONTENT_RANGE], format!("bytes 100-199/{}", sent.len()));
        assert_eq!(part.bytes().await.unwrap(), sent[100..200]);
        let in_folder = walk(&folder.path().join(NAME).join("west"));
        assert!(in_folder >= 1, "it lies in the bucket");
        assert!(!place.folder.path().join("files").exists(), "and nowhere else");

        // while the bucket is away an upload is refused and names nothing
        drop(storage);
        upload(bytes(10).iter().map(|_| b'x').collect()).await.refuses(422, "attachment_type");
        let away = upload([b"%PDF-1.7\n".as_slice(), &bytes(77)].concat()).await;
        assert_eq!(away.status, 503, "{}", away.body);
        program.kill().unwrap();
        program.wait().unwrap();

        // a key that was revoked: the server does not start, and the doctor says what is well all the same
        let storage = Server::start(folder.path(), ANY).await;
        let mut doctor = program_at(&place, &["doctor", "--json"]);
        doctor.args(["--storage-url", &format!("s3://{NAME}/west")]).envs(storage.variables("another secret"));
        let looked = tokio::task::spawn_blocking(move || doctor.output().unwrap()).await.unwrap();
        let said: Value = serde_json::from_slice(&looked.stdout).unwrap();
        let state = |check: &str| {
            let all = said["findings"].as_array().unwrap();
            let of = all.iter().filter(|f| f["check"] == check).map(|f| f["state"].as_str().unwrap());
            of.collect::<Vec<_>>()
        };
        assert_eq!(state("storage"), ["fault"], "{said:#}");
        assert!(said.to_string().contains("SignatureDoesNotMatch"), "{said:#}");
        for check in ["folder", "database", "schema", "key", "record", "counts", "jobs", "held"] {
            assert_eq!(state(check).first(), Some(&"ok"), "{check}: {said:#}");
        }
        assert_eq!(looked.status.code(), Some(1));
    });
}

#[test]
fn two_nodes_over_one_bucket_serve_each_other_s_files_and_keep_none_themselves() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(NAME)).unwrap();
        let storage = Server::start(folder.path(), ANY).await;
        let here = Engine::Postgres.place();
        // as on another machine: the same database and key, a folder of its own
        let there = Place::elsewhere(&here.url);
        let key = here.folder.path().join("secret.key");
        let (carrier, road, _) = carrier(&CancellationToken::new()).await;
        let http = Client::builder().no_proxy().build().unwrap();
        let listen = [free_address(), free_address()];
        let [one, two] = [format!("http://{}", listen[0]), format!("http://{}", listen[1])];
        let begin = async |place: &Place, listen: &str| {
            let mut command = serve(place, listen);
            command.arg("--secret-key-file").arg(&key).args([
                "--storage-url",
                &format!("s3://{NAME}"),
                "--public-url",
                &two,
            ]);
            let running = Running(command.envs(storage.variables(SECRET)).spawn().unwrap());
            until("the program is ready", async || {
                http.get(format!("http://{listen}/readyz")).send().await.ok().filter(|a| a.status() == 200).map(drop)
            })
            .await;
            running
        };
        let mut first = begin(&here, &listen[0]).await;
        let setup = json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
        let olga = Person::enter(&http, &one, "/setup", &setup).await;
        let _second = begin(&there, &listen[1]).await;
        let at_two = Person { base: two.clone(), ..olga.clone() };

        // uploaded at the one, read at the other
        let sent = [b"%PDF-1.7\n".as_slice(), &bytes(100_000)].concat();
        let form = Form::new().part("file", Part::bytes(sent.clone()).file_name("lease.pdf"));
        let file = Answer::of(olga.request(Method::POST, "/attachments").multipart(form).send().await.unwrap()).await;
        let path = format!("/attachments/{}", file.is(201)["id"].as_str().unwrap());
        let whole = at_two.request(Method::GET, &path).send().await.unwrap();
        assert_eq!((whole.status().as_u16(), &whole.bytes().await.unwrap()[..]), (200, &sent[..]));

        // a picture that a customer sends while one node dies is fetched once by whoever is there, and read at both
        let connection =
            json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": road.url() });
        let connection = id(&at_two.post("/connections", connection).await.is(201));
        let channel = json!({ "kind": "sms", "name": "West", "address": WEST, "connection_id": connection, "set_webhooks": true, "rate": fast() });
        at_two.post("/channels", channel).await.is(201);
        let comes = async |text: &str| {
            carrier.text(MAYA, WEST, text, vec![Picture { bytes: Bytes::from_static(PNG) }]).unwrap();
            until("the picture is fetched", async || {
                let conversation = id(at_two.view("all").await.first()?);
                let messages = at_two.messages(&conversation).await;
                let file = messages.iter().find(|m| m["text"] == text)?["attachments"][0].clone();
                (file["size"].as_i64()? > 0).then(|| format!("/attachments/{}", id(&file)))
            })
            .await
        };
        let picture = comes("Look").await;
        for person in [&olga, &at_two] {
            let got = person.request(Method::GET, &picture).send().await.unwrap();
            assert_eq!((got.status().as_u16(), &got.bytes().await.unwrap()[..]), (200, PNG));
        }
        first.kill();
        let picture = comes("And this").await;
        let got = at_two.request(Method::GET, &picture).send().await.unwrap();
        assert_eq!((got.status().as_u16(), &got.bytes().await.unwrap()[..]), (200, PNG));
        assert!(walk(&folder.path().join(NAME)) >= 2, "they lie in the bucket");
        for place in [&here, &there] {
            assert!(!place.folder.path().join("files").exists(), "and nowhere else");
        }
    });
}

/// Files under a folder.
fn walk(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let count = |entry: std::fs::DirEntry| if entry.path().is_dir() { walk(&entry.path()) } else { 1 };
    entries.map(|entry| count(entry.unwrap())).sum()
}
