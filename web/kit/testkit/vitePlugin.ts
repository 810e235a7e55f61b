import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import { WebSocketServer } from "ws";
import { FakeServer } from "./fakeServer.ts";
import { seed } from "./seed.ts";

type Next = () => void;

/** The policy that the real server sends, so that a breach shows up while building. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/**
 * Answers /api/v1 from memory, in `vite dev` and `vite preview` only; POST /fake drives it:
 * `{do: "receive"|"colleague"|"presence"|"drop"|"down"|"text"|"settings"|"signOut", …}`.
 */
export function fakeServer(): Plugin {
  const fake = new FakeServer(seed(Date.now()));
  let down = false;
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("connection", (socket, request: IncomingMessage) => {
    const after = Number(new URL(request.url ?? "/", "http://fake").searchParams.get("after"));
    socket.send(JSON.stringify(fake.since(after)));
    const stop = fake.listen((frame) => socket.send(JSON.stringify(frame)));
    socket.on("close", stop);
  });

  const drive = (body: Record<string, never>) => {
    if (body.do === "receive") fake.receive(body.id ?? "", body.text ?? "");
    if (body.do === "colleague") fake.colleague(body.id ?? "", body.key ?? "", body.text ?? "");
    if (body.do === "presence") fake.presence(body.presence as never);
    if (body.do === "drop") for (const socket of sockets.clients) socket.terminate();
    if (body.do === "down") down = Boolean(body.down);
    if (body.do === "text") fake.settings.text(body.to ?? "", body.text ?? "");
    if (body.do === "settings") Object.assign(fake.settings, body.set);
    if (body.do === "signOut") fake.signedIn = false;
  };
  const middleware = async (request: IncomingMessage, response: ServerResponse, next: Next) => {
    const url = new URL(request.url ?? "/", "http://fake");
    if (url.pathname !== "/fake" && !url.pathname.startsWith("/api/v1")) {
      return next();
    }
    const text = await read(request);
    const body =
      request.headers["content-type"] === "application/json" && text ? (JSON.parse(text) as Record<string, never>) : {};
    if (url.pathname === "/fake") {
      drive(body);
      response.end();
      return;
    }
    if (down) {
      response.socket?.destroy();
      return;
    }
    const answer = fake.handle({
      method: request.method ?? "GET",
      path: url.pathname.slice("/api/v1".length),
      query: url.searchParams,
      body,
    });
    response.statusCode = answer.status;
    response.setHeader("Partyline-Seq", fake.seq);
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
    response.setHeader("Content-Type", answer.raw?.type ?? "application/json");
    response.end(answer.raw?.body ?? (answer.json === undefined ? undefined : JSON.stringify(answer.json)));
  };
  const attach = (http: Server | null) =>
    http?.on("upgrade", (request, socket, head) => {
      if (!request.url?.startsWith("/api/v1/live")) return;
      if (down) socket.destroy();
      else sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws, request));
    });

  return {
    name: "partyline-fake-server",
    configureServer(server) {
      server.middlewares.use((request, response, next) => void middleware(request, response, next));
      attach(server.httpServer as Server | null);
    },
    configurePreviewServer(server) {
      server.middlewares.use((_, response, next) => {
        response.setHeader("Content-Security-Policy", POLICY);
        next();
      });
      server.middlewares.use((request, response, next) => void middleware(request, response, next));
      attach(server.httpServer as Server);
    },
  };
}

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
  });
}
