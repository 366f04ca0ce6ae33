//! What can go wrong between the plugin and a server, drawn from the seed or ordered by a test.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use tms_sync_xray::ports::{Method, Request};

use crate::file;
use crate::random::Random;
use crate::server::Credential;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is answered.
    Answered,
    /// No connection: nothing was sent.
    NotSent,
    /// It is sent and never arrives; the client gives up.
    Lost,
    /// The server does it; the answer is lost at once.
    AnswerLost,
    /// The client gives up, or a proxy does with 504, and the server does it so many milliseconds later.
    Late {
        /// A proxy answers that it gave up; otherwise the client runs into its own time-out.
        proxy: bool,
        /// Milliseconds after that.
        after: u64,
    },
    /// Something in between answers with this status; the server sees nothing.
    Refused {
        /// The status.
        status: u16,
        /// Seconds in `Retry-After`.
        retry_after: Option<u64>,
    },
    /// The server does it, and a proxy answers with this status.
    DoneThen(u16),
    /// A page with status 200 from something in between; the server sees nothing.
    Page,
    /// The server does it; a page with status 200 comes back.
    DonePage,
    /// A bulk answer arrives with its elements in another order, and some of them missing.
    Garbled,
    /// Something in between answers with a page or a status of its own ([`BETWEEN`]); the server sees nothing.
    Between(usize),
    /// The item that it asks for is broken.
    Poisoned(Poison),
}

/// Answers of proxies, log-in pages and firewalls: status, content type, body. None says anything about a credential, a
/// permission or an issue.
pub const BETWEEN: [(u16, &str, &str); 16] = [
    (
        200,
        "text/html",
        "<html><title>Log in</title><form action=/saml></form></html>",
    ),
    (
        200,
        "text/html; charset=utf-8",
        "<!DOCTYPE html><html><body>Scheduled maintenance</body></html>",
    ),
    (200, "application/json", ""),
    (200, "text/plain", "OK"),
    (302, "text/html", "<a href=\"/login.jsp\">moved</a>"),
    (307, "text/html", ""),
    (
        400,
        "text/html",
        "<html>400 Bad Request, plain HTTP sent to HTTPS port</html>",
    ),
    (
        401,
        "text/html",
        "<html><title>401 Authorization Required</title>nginx</html>",
    ),
    (403, "text/html", "<html>Request blocked by the firewall. ID 7</html>"),
    (
        403,
        "text/html; charset=UTF-8",
        "<html>Your IP address is not on the allow list</html>",
    ),
    (404, "text/html", "<html>404 no such site</html>"),
    (404, "application/json", ""),
    (407, "text/html", "<html>Proxy authentication required</html>"),
    (502, "text/html", "<html>502 Bad Gateway</html>"),
    (503, "text/html", "<html>This site is suspended</html>"),
    (504, "text/html", "<html>504 Gateway Time-out</html>"),
];

/// What is wrong with an item for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poison {
    /// 500 whenever it is asked for.
    Fails,
    /// TestOps does not allow it.
    Forbidden,
    /// Its tags are no list.
    Misshapen,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Requests out of a thousand that something happens to.
    pub faults: u64,
    /// Ledger writes out of a thousand that fail.
    pub store_faults: u64,
    /// The latest commit of a request after its client gave up, in milliseconds.
    pub latest_commit: u64,
    /// The longest way of a request or an answer, in milliseconds.
    pub slowest: u64,
}

impl Weather {
    /// Nothing goes wrong, and everything takes the same time.
    pub const CALM: Weather = Weather {
        faults: 0,
        store_faults: 0,
        latest_commit: 0,
        slowest: 20,
    };
}

/// A request on its way: what becomes of it, and how long both ways take.
#[derive(Clone, Copy, Debug)]
pub struct Journey {
    /// What becomes of it.
    pub fate: Fate,
    /// Milliseconds to the server.
    pub there: u64,
    /// Milliseconds back.
    pub back: u64,
}

/// Decides what becomes of requests.
pub struct Network {
    random: RefCell<Random>,
    weather: Cell<Weather>,
    sent: Cell<u64>,
    /// From this request to Jira on, counted from 0 over all hosts, it carries another credential than the good one.
    pub revoked_from: Cell<Option<(u64, Credential)>>,
    /// Headers that name whom Jira took a request for are lost on the way, as behind some proxies.
    pub signs_stripped: Cell<bool>,
    /// Requests to Jira and Xray, by their number from now on, that something in between answers.
    pub between: RefCell<BTreeSet<u64>>,
    to_destination: Cell<u64>,
    /// Every so many requests, counted from when this was ordered, meet this.
    every: Cell<Option<(u64, Fate)>>,
    since_ordered: Cell<u64>,
    /// Ends of paths, and what is wrong with what they lead to.
    poison: RefCell<Vec<(String, Poison)>>,
    /// Names of everything that has gone wrong.
    pub struck: RefCell<BTreeSet<String>>,
}

impl Network {
    /// A network without faults.
    pub fn new(random: Random) -> Self {
        Network {
            random: RefCell::new(random),
            weather: Cell::new(Weather::CALM),
            sent: Cell::new(0),
            revoked_from: Cell::new(None),
            signs_stripped: Cell::new(false),
            between: RefCell::default(),
            to_destination: Cell::new(0),
            every: Cell::new(None),
            since_ordered: Cell::new(0),
            poison: RefCell::default(),
            struck: RefCell::default(),
        }
    }

    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        self.weather.set(weather);
    }

    /// Requests to Jira so far.
    pub fn sent_to_jira(&self) -> u64 {
        self.sent.get()
    }

    /// What a request that is about to be sent carries.
    pub fn credential(&self, connection: &str) -> Credential {
        if connection != "jira" {
            return Credential::Good;
        }
        let number = self.sent.get();
        self.sent.set(number + 1);
        match self.revoked_from.get() {
            Some((from, credential)) if number >= from => {
                self.strike(match credential {
                    Credential::Absent => "taken for anonymous",
                    _ => "revoked",
                });
                credential
            }
            _ => Credential::Good,
        }
    }

    /// What becomes of a request.
    pub fn journey(&self, request: &Request) -> Journey {
        let weather = self.weather.get();
        let mut random = self.random.borrow_mut();
        let mut way = || match weather.slowest {
            20 => 20,
            // Most ways are short; one in twenty is slow.
            slowest if random.per_mille(50) => random.between(1, slowest),
            slowest => random.between(1, slowest.min(400)),
        };
        let (there, back) = (way(), way());
        // Creates are few, and what happens to them matters most.
        let chance = weather.faults * if creates(request) { 8 } else { 1 };
        let number = self.to_destination.get();
        self.to_destination
            .set(number + u64::from(request.connection != "testops"));
        let fate = if let Some(ordered) = self.ordered(request) {
            ordered
        } else if request.connection != "testops" && self.between.borrow().contains(&number) {
            Fate::Between(random.below(BETWEEN.len() as u64) as usize)
        } else if random.per_mille(chance) {
            fate(&mut random, request, weather)
        } else {
            Fate::Answered
        };
        if let Some(name) = name(fate) {
            self.strike(name);
            if of_launches(request) {
                self.strike(&format!("{name}, at a launch"));
            }
        }
        Journey { fate, there, back }
    }

    /// Every k-th request from now on meets a fate.
    pub fn hit_every(&self, rule: Option<(u64, Fate)>) {
        self.since_ordered.set(0);
        self.every.set(rule);
    }

    /// What paths with this end lead to is broken from now on.
    pub fn poison(&self, end: String, poison: Poison) {
        self.poison.borrow_mut().push((end, poison));
    }

    /// Nothing is broken any more.
    pub fn mend(&self) {
        self.poison.borrow_mut().clear();
    }

    fn ordered(&self, request: &Request) -> Option<Fate> {
        let poison = self.poison.borrow();
        if let Some((_, poison)) = poison.iter().find(|(end, _)| request.path.ends_with(end)) {
            return Some(Fate::Poisoned(*poison));
        }
        let (k, fate) = self.every.get()?;
        self.since_ordered.set(self.since_ordered.get() + 1);
        self.since_ordered.get().is_multiple_of(k).then_some(fate)
    }

    /// Whether a ledger write fails.
    pub fn store_fails(&self) -> bool {
        let chance = self.weather.get().store_faults;
        let fails = chance > 0 && self.random.borrow_mut().per_mille(chance);
        if fails {
            self.strike("ledger write failed");
        }
        fails
    }

    /// Takes note that something has gone wrong.
    pub fn strike(&self, name: &str) {
        if !self.struck.borrow().contains(name) {
            self.struck.borrow_mut().insert(name.to_owned());
        }
    }

    /// Requests to Jira and Xray are counted anew, and those of these numbers are answered by something in between.
    pub fn intercept(&self, numbers: BTreeSet<u64>) {
        self.to_destination.set(0);
        self.between.replace(numbers);
    }

    /// A chance in the network's own stream.
    pub fn chance(&self) -> Random {
        self.random.borrow_mut().fork()
    }
}

fn creates(request: &Request) -> bool {
    let ends = ["/issue", "/issue/bulk", "/import/test/bulk"];
    request.method == Method::Post
        && (ends.iter().any(|end| request.path.ends_with(end))
            || String::from_utf8_lossy(&file::flat(request)).contains("createTest"))
}

/// Writes of launches: Test Executions and results.
fn of_launches(request: &Request) -> bool {
    let execution = || String::from_utf8_lossy(&file::flat(request)).contains("createTestExecution");
    request.method == Method::Post
        && (request.path.ends_with("/import/execution")
            || request.path.ends_with("/rest/api/2/issue")
            || (request.path.ends_with("/graphql") && execution()))
}

fn name(fate: Fate) -> Option<&'static str> {
    Some(match fate {
        Fate::Answered => return None,
        Fate::NotSent => "not sent",
        Fate::Lost => "request lost",
        Fate::AnswerLost => "answer lost",
        Fate::Late { .. } => "late commit",
        Fate::Refused { status: 429, .. } => "429",
        Fate::Refused { .. } => "5xx",
        Fate::DoneThen(_) => "done, then 5xx",
        Fate::Page => "page",
        Fate::DonePage => "done, then a page",
        Fate::Garbled => "bulk answer reordered and partial",
        Fate::Between(_) => "answered by something in between",
        Fate::Poisoned(_) => "a broken item",
    })
}

fn fate(random: &mut Random, request: &Request, weather: Weather) -> Fate {
    let bulk = request.path.ends_with("/issue/bulk") || request.path.contains("/import/test/bulk/");
    if bulk && random.per_mille(300) {
        return Fate::Garbled;
    }
    if request.method == Method::Post && random.per_mille(250) {
        let after = random.below(weather.latest_commit);
        return Fate::Late {
            proxy: random.per_mille(500),
            after,
        };
    }
    let seconds = [None, Some(1), Some(30), Some(90), Some(3_600), Some(1_000_000_000)];
    match random.below(10) {
        0 => Fate::NotSent,
        1 => Fate::Lost,
        2 | 3 => Fate::AnswerLost,
        4 => Fate::Refused {
            status: 429,
            retry_after: *random.pick(&seconds),
        },
        5 => Fate::Refused {
            status: 503,
            retry_after: *random.pick(&seconds[..4]),
        },
        6 => Fate::Refused {
            status: *random.pick(&[500, 502, 504]),
            retry_after: None,
        },
        7 => Fate::DoneThen(*random.pick(&[500, 502, 503, 504])),
        8 => Fate::Page,
        _ => Fate::DonePage,
    }
}
