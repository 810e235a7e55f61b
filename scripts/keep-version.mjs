// Keeps a database of this version for the tests of every later one (CONTRIBUTING.md, "A release keeps its database").
//   node scripts/keep-version.mjs target/debug/partyline       writes crates/store/tests/fixtures/versions/<schema>.*
// It starts the program on both engines, lives a small day with it (texts in and out, a note, a STOP, a file, a text that waits),
// stops it, and keeps what it has left: SQLite's file, PostgreSQL's dump, the files, and the key, which seals nothing but the simulator's
// credentials. Needs PARTYLINE_TEST_POSTGRES, psql, pg_dump and sqlite3.
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [binary] = process.argv.slice(2);
const server = process.env.PARTYLINE_TEST_POSTGRES;
if (!binary || !server) {
  console.error("usage: PARTYLINE_TEST_POSTGRES=… node scripts/keep-version.mjs BINARY");
  process.exit(2);
}
const FOLDER = "crates/store/tests/fixtures/versions";
const ACCOUNT = { account_sid: "AC5f3e1c7a9b2d4086a1c3e5f708192a3b", auth_token: "7d1f4b8e2a6c90537e4d8b1fa2c6e093" };
const [WEST, MAYA, WREN] = ["+14155550100", "+14155550142", "+16505550119"];
const CARRIER = "127.0.0.1:18491";
const INBOX = "127.0.0.1:18490";
const PASSWORD = "a long enough password";
const DAY = 86_400_000;
// one white point
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==", "base64");

const work = mkdtempSync(join(tmpdir(), "keep-version-"));
const running = new Set();

function start(args) {
  const child = spawn(binary, [...args, "--log", "warn"], { cwd: work, stdio: ["ignore", "ignore", "inherit"] });
  running.add(child);
  return child;
}

async function stop(child) {
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.kill("SIGTERM");
  await ended;
  running.delete(child);
}

async function until(what, look) {
  for (let n = 0; n < 200; n += 1) {
    const found = await look().catch(() => undefined);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it never came to this: ${what}`);
}

const ready = (address) => until(`${address} is ready`, async () => (await fetch(`http://${address}/readyz`)).ok);

async function day() {
  const base = `http://${INBOX}/api/v1`;
  let cookie = "";
  async function ask(method, path, body) {
    const form = body instanceof FormData;
    const headers = { cookie, "X-Partyline-CSRF": "1", ...(form || !body ? {} : { "content-type": "application/json" }) };
    const answer = await fetch(base + path, { method, headers, body: form || !body ? body : JSON.stringify(body) });
    if (answer.headers.get("set-cookie")) cookie = answer.headers.get("set-cookie").split(";")[0];
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }
  await ask("POST", "/setup", { workspace_name: "Harbor & Pine", name: "Olga", email: "olga@example.com", password: PASSWORD });
  const team = (await ask("GET", "/teams")).data[0].id;
  const ana = await ask("POST", "/users", { name: "Ana", email: "ana@example.com", password: PASSWORD, role: "agent", team_ids: [team] });
  const connection = (await ask("POST", "/connections", { provider: "twilio", name: "Twilio", credentials: ACCOUNT, api_base_url: `http://${CARRIER}` })).id;
  await ask("POST", "/channels", { kind: "sms", name: "West line", address: WEST, team_id: team, connection_id: connection, set_webhooks: true });
  let sid = 0;
  async function text(from, body) {
    sid += 1;
    const id = `SM${sid.toString(16).padStart(32, "0")}`;
    const fields = { MessageSid: id, SmsSid: id, SmsMessageSid: id, AccountSid: ACCOUNT.account_sid, From: from, To: WEST, Body: body, NumMedia: "0", NumSegments: "1", SmsStatus: "received", ApiVersion: "2010-04-01" };
    const url = `http://${INBOX}/hooks/twilio/${connection}/message`;
    const signed = url + Object.keys(fields).sort().map((name) => name + fields[name]).join("");
    const signature = createHmac("sha1", ACCOUNT.auth_token).update(signed).digest("base64");
    const answer = await fetch(url, { method: "POST", headers: { "X-Twilio-Signature": signature }, body: new URLSearchParams(fields) });
    if (!answer.ok) throw new Error(`a text was answered ${answer.status}`);
  }
  const conversation = async (phone) => (await ask("GET", "/conversations?view=all")).data.find((c) => c.contact.address === phone).id;
  const settled = (id) =>
    until("it is delivered", async () => {
      const entries = (await ask("GET", `/conversations/${id}/entries`)).data;
      return entries.every((e) => !e.delivery || ["delivered", "scheduled"].includes(e.delivery.status));
    });
  await text(MAYA, "Hi! Is the two-bedroom on Larkin still free? ☺");
  const maya = await conversation(MAYA);
  await ask("POST", `/conversations/${maya}/messages`, { text: "It is. Would Thursday at 5 suit you?" });
  await settled(maya);
  await text(MAYA, "Thursday is perfect, thank you");
  await ask("POST", `/conversations/${maya}/notes`, { text: "Maya comes on Thursday; bring both keys." });
  await ask("PATCH", `/conversations/${maya}`, { assignee_ids: [ana.id] });
  const form = new FormData();
  form.append("file", new Blob([PICTURE], { type: "image/png" }), "door.png");
  const file = await ask("POST", "/attachments", form);
  await ask("POST", `/conversations/${maya}/messages`, { text: "How to find us", attachment_ids: [file.id] });
  await settled(maya);
  await ask("POST", `/conversations/${maya}/messages`, { text: "See you today at 5!", send_at: new Date(Date.now() + 300 * DAY).toISOString() });
  await text(WREN, "My heating is off again");
  const wren = await conversation(WREN);
  await ask("POST", `/conversations/${wren}/messages`, { text: "Somebody is on the way" });
  await settled(wren);
  await text(WREN, "STOP");
  await settled(wren);
  await ask("PATCH", `/conversations/${wren}`, { status: "closed" });
}

async function keep(name, database, save) {
  const folder = join(work, name);
  // the simulator's own inbox is not looked at
  const carrier = start(["demo", "--data-dir", join(work, `${name}-carrier`), "--listen", "127.0.0.1:18492", "--carrier-listen", CARRIER]);
  await ready("127.0.0.1:18492");
  const inbox = start(["serve", "--data-dir", folder, "--database-url", database, "--listen", INBOX]);
  await ready(INBOX);
  await day();
  await stop(inbox);
  await stop(carrier);
  await save(folder);
}

const psql = (database, sql) => execFileSync("psql", ["-qAt", database, "-c", sql], { encoding: "utf8" }).trim();

try {
  mkdirSync(FOLDER, { recursive: true });
  const made = "keep_version";
  psql(server, `DROP DATABASE IF EXISTS ${made}`);
  psql(server, `CREATE DATABASE ${made}`);
  const database = server.replace(/\/postgres(\?|$)/, `/${made}$1`);
  let version;
  await keep("postgres", database, (folder) => {
    version = psql(database, "SELECT max(version) FROM migrations");
    const dump = execFileSync("pg_dump", ["--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=50", database], { encoding: "utf8" });
    // what only this server's version says, and a newer or older one does not know
    const text = dump.split("\n").filter((line) => !/^(--|SET (transaction_timeout|idle_)|\\(un)?restrict|$)/.test(line)).join("\n");
    writeFileSync(join(FOLDER, `${version}.postgres.sql.gz`), gzipSync(text, { level: 9 }));
    cpSync(join(folder, "secret.key"), join(FOLDER, `${version}.postgres.key`));
    // the same bytes under the same hash on both engines
    cpSync(join(folder, "files"), join(FOLDER, `${version}.files`), { recursive: true });
  });
  psql(server, `DROP DATABASE ${made}`);
  await keep("sqlite", `sqlite://${join(work, "sqlite", "partyline.db")}`, (folder) => {
    const path = join(folder, "partyline.db");
    // a server that ends leaves its log beside the file
    execFileSync("sqlite3", [path, "PRAGMA wal_checkpoint(TRUNCATE)"]);
    writeFileSync(join(FOLDER, `${version}.sqlite.db.gz`), gzipSync(readFileSync(path), { level: 9 }));
    cpSync(join(folder, "secret.key"), join(FOLDER, `${version}.sqlite.key`));
  });
  console.log(`${FOLDER}/${version}.* are kept; commit them.`);
} finally {
  for (const child of running) child.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
}
