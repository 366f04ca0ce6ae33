//! Where messages arrive: a mail server and a webhook, both on loopback.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail server that takes everything.
#[derive(Clone)]
pub struct Mailbox {
    pub url: String,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Mailbox {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mailbox = Self {
            url: format!("smtp://{}", listener.local_addr().unwrap()),
            mails: Arc::default(),
        };
        let taking = mailbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, taking.clone()));
            }
        });
        mailbox
    }

    /// What has arrived since the last look.
    pub fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.mails.lock().unwrap())
    }
}

async fn take(mut stream: TcpStream, mailbox: Mailbox) -> Option<()> {
    let (reader, mut writer) = stream.split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 here\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let answer = match line.split(' ').next().unwrap() {
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                mailbox.mails.lock().unwrap().push(mail);
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}

/// A webhook that answers what a test wants.
#[derive(Clone)]
pub struct Hook {
    pub url: String,
    state: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    answers: Vec<u16>,
    requests: Vec<(HeaderMap, String)>,
}

impl Hook {
    /// The first answers are `answers`, all others 200.
    pub async fn start(answers: &[u16]) -> Self {
        let state = Arc::new(Mutex::new(Heard {
            answers: answers.to_vec(),
            requests: Vec::new(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(hear)).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// What has arrived since the last look.
    pub fn taken(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    /// `host:port`, as an administrator allows it.
    pub fn server(&self) -> &str {
        self.url.trim_start_matches("http://").trim_end_matches("/hook")
    }
}

async fn hear(State(state): State<Arc<Mutex<Heard>>>, headers: HeaderMap, body: String) -> StatusCode {
    let mut heard = state.lock().unwrap();
    heard.requests.push((headers, body));
    match heard.answers.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::from_u16(heard.answers.remove(0)).unwrap(),
    }
}
