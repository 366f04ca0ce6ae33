//! A real browser: Debian's Chromium behind its chromedriver. Each starts one of its own and ends it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::time::Duration;

use axum::http::Method;
use fantoccini::elements::Element;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Url;
use serde_json::{Value, json};

/// Longest wait for something to appear. Under load a page may take seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with an empty profile, at pages of one service.
pub struct Browser {
    pub client: Client,
    driver: Child,
    base: String,
    _profile: tempfile::TempDir,
}

/// A browser at the pages below `base`. `None` where none is installed, which CI does not accept.
pub async fn browser(base: &str) -> Option<Browser> {
    let profile = tempfile::tempdir().unwrap();
    let mut driver = Command::new("chromedriver");
    let driver = driver.arg("--port=0").process_group(0);
    let driver = driver.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut driver) = driver.spawn() else {
        let how = "the browser tests need Chromium and its driver: apt-get install chromium chromium-driver";
        assert!(std::env::var_os("CI").is_none(), "{how}");
        // The harness keeps what `eprintln!` prints to itself.
        let _ = std::io::stderr().write_all(format!("skipped: {how}\n").as_bytes());
        return None;
    };
    let port = port(&mut driver);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities(profile.path()));
    let client = builder.connect(&format!("http://127.0.0.1:{port}")).await;
    Some(Browser {
        client: client.unwrap(),
        driver,
        base: base.to_owned(),
        _profile: profile,
    })
}

/// The port that a driver reports once it listens.
fn port(driver: &mut Child) -> u16 {
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let started = |line: std::io::Result<String>| {
        let line = line.ok()?;
        let port = line.strip_prefix("ChromeDriver was started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    };
    let port = lines.find_map(started).expect("chromedriver did not start");
    // It goes on to print, and a closed pipe would end it.
    std::thread::spawn(move || lines.for_each(drop));
    port
}

fn capabilities(profile: &std::path::Path) -> Capabilities {
    let args = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--hide-scrollbars",
        "--window-size=1280,900",
    ];
    let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    args.push(format!("--user-data-dir={}", profile.display()));
    let options = json!({ "args": args, "prefs": { "intl.accept_languages": "en" } });
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    capabilities.insert("unhandledPromptBehavior".to_owned(), json!("accept and notify"));
    capabilities
}

/// The browser goes with its driver, whatever became of the test.
impl Drop for Browser {
    fn drop(&mut self) {
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.driver.wait();
    }
}

/// A command of the browser's own protocol, which the driver passes on.
#[derive(Debug)]
struct Cdp {
    method: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.method, "params": self.params });
        (Method::POST, Some(body.to_string()))
    }
}

impl Browser {
    async fn cdp(&self, method: &'static str, params: Value) -> Value {
        self.client.issue_cmd(Cdp { method, params }).await.unwrap()
    }

    /// Opens a page by its path, or by its whole address.
    pub async fn open(&self, path: &str) {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        self.client.goto(&url).await.unwrap();
    }

    /// The path and query of the page.
    pub async fn here(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().replacen(&self.base, "", 1)
    }

    /// The first element that is there or appears.
    pub async fn find(&self, css: &str) -> Element {
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!(
                "no `{css}` on {}: {error}\n{}",
                self.here().await,
                self.text("main").await
            ),
        }
    }

    /// The text of the first such element; empty where there is none.
    pub async fn text(&self, css: &str) -> String {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the page has this text somewhere.
    pub async fn sees(&self, text: &str) {
        let path = format!("//main[contains(normalize-space(), \"{text}\")]");
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::XPath(&path))
            .await;
        if let Err(error) = found {
            panic!(
                "no `{text}` on {}: {error}\n{}",
                self.here().await,
                self.text("main").await
            );
        }
    }

    /// Waits until the run of the page is over, and the page shows its result.
    pub async fn result(&self) {
        self.find("a[download]").await;
    }

    /// Clicks the button, link, summary or label that reads so. Where the page is drawn anew meanwhile, on the new one.
    pub async fn click(&self, label: &str) {
        let is = format!("[normalize-space()=\"{label}\"]");
        let kinds = ["button", "a", "summary", "label"].map(|kind| format!("//{kind}{is}"));
        let path = kinds.join(" | ");
        loop {
            let found = self
                .client
                .wait()
                .at_most(PATIENCE)
                .for_element(Locator::XPath(&path))
                .await;
            let element = match found {
                Ok(element) => element,
                Err(error) => panic!(
                    "nothing reads `{label}` on {}: {error}\n{}",
                    self.here().await,
                    self.text("main").await
                ),
            };
            match element.click().await {
                Err(error) if error.is_stale_element_reference() => {}
                clicked => return clicked.unwrap(),
            }
        }
    }

    /// Enters text in the field with this name, in place of what it holds. Checks while typing may exchange the field.
    pub async fn fill(&self, name: &str, value: &str) {
        loop {
            let field = self.find(&format!("main [name=\"{name}\"]:not([type=hidden])")).await;
            let filled = match field.clear().await {
                Ok(()) => field.send_keys(value).await,
                cleared => cleared,
            };
            match filled {
                Err(error) if error.is_stale_element_reference() => {}
                filled => return filled.unwrap(),
            }
        }
    }

    /// Ticks a box, or takes the tick away.
    pub async fn tick(&self, name: &str) {
        self.find(&format!("input[name=\"{name}\"]"))
            .await
            .click()
            .await
            .unwrap();
    }

    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Makes the page as wide as a device.
    pub async fn width(&self, width: u32) {
        let params = json!({ "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 700 });
        self.cdp("Emulation.setDeviceMetricsOverride", params).await;
    }

    pub async fn scheme(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features }))
            .await;
    }

    /// Runs no scripts of pages from now on.
    pub async fn without_scripts(&self) {
        self.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": true }))
            .await;
    }

    /// A picture of the whole page.
    pub async fn picture(&self) -> Vec<u8> {
        let size = self
            .script("const e = document.documentElement; return [e.clientWidth, e.scrollHeight];")
            .await;
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let params = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.cdp("Page.captureScreenshot", params).await;
        decoded(answer["data"].as_str().unwrap())
    }

    pub async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}
