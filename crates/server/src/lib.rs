//! How it is reached: HTTP, sessions, WebSocket, OpenAPI, web app.
