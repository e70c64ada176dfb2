//! The stream of events that agents of 2026 keep open (dialing contract, section 3.7).

use std::io::{self, BufRead as _, BufReader, Write as _};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Agent;
use super::connection::{Connection, Stream as Bytes, Trust};
use super::dialer::{Dialer, Run};
use super::http::{Reply, Request, chunk, head};
use super::spec::Delivered;

/// An open stream.
pub struct Stream {
    reader: BufReader<Box<dyn Bytes>>,
    /// The answer to the request.
    pub reply: Reply,
    received: Vec<u8>,
}

impl Stream {
    /// The next event: what its `data` says. Comments are passed over.
    ///
    /// # Errors
    /// When the stream ended, or said nothing for half a minute.
    pub fn next_event(&mut self) -> io::Result<Value> {
        loop {
            let Some(end) = self.received.windows(2).position(|two| two == b"\n\n") else {
                if !chunk(&mut self.reader, &mut self.received)? {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                continue;
            };
            let event: Vec<u8> = self.received.drain(..end + 2).collect();
            let data: Vec<_> = event.lines().map_while(Result::ok).collect();
            let data = data.iter().filter_map(|line| line.strip_prefix("data:"));
            let data: Vec<_> = data.map(str::trim_start).collect();
            if !data.is_empty() {
                return serde_json::from_str(&data.join("\n")).map_err(io::Error::other);
            }
        }
    }
}

impl Agent {
    /// Opens the stream.
    ///
    /// # Errors
    /// When there is no answer. One that refuses is in [`Stream::reply`].
    pub fn open_stream(&self, now: DateTime<Utc>) -> io::Result<Stream> {
        let query = format!("region_id={}", self.settings.region_id);
        let url = self.server().at("/v1/stream/watch", &query);
        let signed = self.signed("GET", b"", now);
        let headers = vec![
            ("Accept", "text/event-stream"),
            ("Authorization", signed.authorization.as_str()),
            ("Content-MD5", signed.content_md5.as_str()),
            ("Date", signed.date.as_str()),
        ];
        let request = Request { method: "GET", headers, body: b"" };
        let mut connection = Connection::open(&url, &Trust::Anybody)?;
        connection.stream.write_all(&request.bytes(&url))?;
        connection.stream.flush()?;
        let mut reader = BufReader::new(connection.stream);
        let reply = head(&mut reader)?;
        Ok(Stream { reader, reply, received: Vec::new() })
    }

    /// Does what an event asks for; the runs that it made.
    pub fn take_event(&mut self, event: &Value, now: DateTime<Utc>) -> Vec<Run> {
        match event["type"].as_str() {
            Some("dialtesting.region_update") => {
                if let Some(region) = event["payload"].as_object() {
                    self.take_region(region);
                }
                Vec::new()
            }
            Some("dialtesting.one_shot_run") => {
                let classes = event["payload"]["tasks"].as_object().into_iter().flatten();
                let tasks = classes.flat_map(|(class, tasks)| {
                    let texts = tasks.as_array().into_iter().flatten().filter_map(Value::as_str);
                    texts.filter_map(|text| Delivered::read(class, text).ok()).collect::<Vec<_>>()
                });
                tasks
                    .collect::<Vec<_>>()
                    .into_iter()
                    .filter_map(|task| self.once(task, now))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Runs a task once, even one that is stopped; beside it, if it runs here anyway.
    fn once(&mut self, mut task: Delivered, now: DateTime<Utc>) -> Option<Run> {
        "OK".clone_into(&mut task.spec.status);
        let region_id = self.settings.region_id.clone();
        let mut dialer = Dialer::start(task, &self.region, &region_id, now);
        self.run(&mut dialer, now)
    }
}
