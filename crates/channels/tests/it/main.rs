//! What goes over the wire, byte for byte, and what comes of every answer.

mod peer;
mod twilio;
