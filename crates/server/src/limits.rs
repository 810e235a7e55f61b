//! Every bound of the outer face, with the reason for its value.

use std::time::Duration;

use partyline_core::time::MINUTE;

/// Bytes of a JSON body: the longest text that a provider takes is a hundredth of this.
pub const JSON_BODY: usize = 256 * 1024;
/// How long the body of a webhook that has a signature may take to arrive; providers send it at once. One without is not read.
pub const WEBHOOK_READ: Duration = Duration::from_secs(10);
/// Bytes of a webhook's body: providers send a few kilobytes; their documents promise no bound.
pub const WEBHOOK_BODY: usize = 1024 * 1024;
/// Bytes of an uploaded file: above what any carrier takes, since pictures are shrunk to fit.
pub const UPLOAD: usize = 16 * 1024 * 1024;
/// Bytes of what a browser puts around the file: boundaries, names, types.
pub const UPLOAD_WRAPPING: usize = 64 * 1024;
/// Characters of an uploaded file's name.
pub const FILE_NAME: usize = 200;
/// Connections at once; more wait in the operating system's queue. Each is a task and a few kilobytes.
pub const CONNECTIONS: usize = 16_384;
/// How long a request's head may take to arrive, and how long a connection may wait for its next one.
pub const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long to wait when no connection can be taken, e.g. for want of file descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long a body may take to arrive; a phone on a bad network needs less.
pub const BODY_TIME: Duration = Duration::from_secs(60);

/// Rows of a page, where the request does not say.
pub const PAGE_DEFAULT: usize = 50;
/// Rows of a page, at most.
pub const PAGE_MAX: usize = 200;
/// Characters of an `Idempotency-Key`.
pub const IDEMPOTENCY_KEY: usize = 255;

/// Failed sign-ins of one account within [`SIGN_IN_WINDOW`].
pub const SIGN_INS_PER_ACCOUNT: usize = 10;
/// Failed sign-ins from one network address within [`SIGN_IN_WINDOW`].
pub const SIGN_INS_PER_ADDRESS: usize = 30;
/// Milliseconds after which a failed sign-in is forgotten.
pub const SIGN_IN_WINDOW: i64 = 15 * MINUTE;
/// Accounts and network addresses that are counted at once: a few megabytes.
pub const SIGN_IN_KEYS: usize = 20_000;

/// Webhooks in hand at once, from the last byte of the body to the commit. More are told to come back: providers try again, and a queue
/// would only grow. So long as the database takes as many in a second, the last of them is answered within one.
pub const WEBHOOKS_AT_ONCE: usize = 512;
/// Webhooks whose bodies arrive at once. With one more the oldest of them is told to come back: a provider's body is there within
/// milliseconds, and who sends slowly takes nobody's room.
pub const WEBHOOKS_ARRIVING: usize = 512;
/// Bytes of a body that need no room of [`WEBHOOK_BYTES`], where providers send two kilobytes: at most 16 MiB for all that are in hand,
/// and as much for those that arrive.
pub const WEBHOOK_OWN_BYTES: usize = 32 * 1024;
/// Bytes beyond that of all webhooks, arriving and in hand. Who fills this room keeps out large bodies, and no usual one.
pub const WEBHOOK_BYTES: usize = 16 * 1024 * 1024;
/// How long the connection of a webhook may be looked for, where the database does not answer.
pub const WEBHOOK_LOOK: Duration = Duration::from_secs(4);
/// How long a webhook may wait for its commit before its sender is told to come back: providers hang up after 15 seconds. The work
/// goes on, and the second time it is known.
pub const WEBHOOK_ANSWER: Duration = Duration::from_secs(10);
/// Seconds after which somebody who was told "busy" should try again.
pub const RETRY_AFTER: i64 = 1;

/// Live sockets of this process: each is a task and a few kilobytes.
pub const SOCKETS: usize = 10_000;
/// Bytes of one frame that a client sends: they are a name and an id.
pub const SOCKET_FRAME: usize = 4 * 1024;
/// How often a socket is pinged.
pub const SOCKET_PING: Duration = Duration::from_secs(4);
/// A socket from which nothing came for this long (it answers pings) is dead.
pub const SOCKET_SILENCE: Duration = Duration::from_secs(20);
/// How long one frame may take to leave before the socket counts as dead.
pub const SOCKET_SEND: Duration = Duration::from_secs(10);
/// Counts are sent at most this often.
pub const COUNTS_EVERY: Duration = Duration::from_millis(100);
/// How often a socket's session is looked at again.
pub const SESSION_CHECK: Duration = Duration::from_secs(30);
/// Events in one frame while a client catches up.
pub const CATCH_UP_PAGE: usize = 200;

/// How long a connection on which nothing was asked yet is still listened to after the server was asked to stop.
pub const FIRST_WORD: Duration = Duration::from_secs(1);
/// How long requests in hand may take after the server was asked to stop.
pub const DRAIN: Duration = Duration::from_secs(10);
