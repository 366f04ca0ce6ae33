//! Delivery: what waits for a channel is sent as one message, and again when that failed.

use futures_util::StreamExt;

use super::{Channel, Message, Occasion, Target, webhook};
use crate::app::App;
use crate::problem::Problem;
use crate::settings::servers;
use crate::store::{Row, StoreError, TenantScope, sql};
use crate::upkeep::scope;
use crate::users::{Entered, Role};

/// Messages of a delivery that are written out.
const MOST: usize = 20;
/// Channels that are served at once: a slow server does not hold up others.
const AT_ONCE: usize = 8;
/// Pauses after failures, in minutes; after the last the messages are given up.
const PAUSES: [u64; 7] = [1, 5, 15, 60, 180, 360, 720];

/// What is sent at once.
pub(super) struct Delivery {
    pub(super) messages: Vec<Message>,
    /// How many more there are.
    pub(super) others: usize,
}

impl Delivery {
    /// Everything, as one text.
    fn text(&self) -> String {
        let one = |message: &Message| format!("{}\n\n{}\n{}\n", message.title, message.text, message.url);
        let all: Vec<String> = self.messages.iter().map(one).collect();
        let mut text = all.join("\n--\n\n");
        if self.others > 0 {
            text.push_str(&format!("\n--\n\nand {} more.\n", self.others));
        }
        text
    }

    pub(super) fn title(&self) -> String {
        let first = self.messages.first().map_or("", |message| &message.title);
        match self.messages.len() + self.others {
            0 | 1 => first.to_owned(),
            number => format!("{first}, and {} more", number - 1),
        }
    }
}

/// Sends what is due, all channels of all tenants.
pub(crate) async fn deliver(app: &App) -> Result<(), Problem> {
    let query = sql("SELECT DISTINCT tenant, channel FROM message WHERE next_at <= ?1").bind(app.now());
    let due = app.store().read(query).await?;
    let each = futures_util::stream::iter(due).for_each_concurrent(AT_ONCE, async |row| {
        if let Err(problem) = to_channel(app, &row).await {
            tracing::error!(error = %problem, "messages could not be delivered");
        }
    });
    each.await;
    Ok(())
}

async fn to_channel(app: &App, row: &Row) -> Result<(), Problem> {
    let scope = scope(app, row)?;
    let channel = Channel::get(&scope, &row.get::<String>("channel")?).await?;
    let query = sql(
        "SELECT body, attempts FROM message WHERE tenant = ?1 AND channel = ?2 AND next_at IS NOT NULL \
         ORDER BY created_at, id",
    );
    let waiting = scope.read(query.bind(&channel.id)).await?;
    let bodies = waiting.iter().take(MOST).map(|row| row.json("body"));
    let delivery = Delivery {
        messages: bodies.collect::<Result<_, StoreError>>()?,
        others: waiting.len().saturating_sub(MOST),
    };
    let attempts = waiting.iter().map(|row| row.get::<u32>("attempts"));
    let attempts = attempts.collect::<Result<Vec<_>, _>>()?.into_iter().max().unwrap_or(0);
    match send(app, &scope, &channel, &delivery).await {
        Ok(()) => sent(app, &scope, &channel).await,
        Err(error) => failed(app, &scope, &channel, attempts, &error).await,
    }
}

async fn sent(app: &App, scope: &TenantScope, channel: &Channel) -> Result<(), Problem> {
    let now = app.now();
    let messages = sql("UPDATE message SET sent_at = ?3, next_at = NULL, error = NULL \
         WHERE tenant = ?1 AND channel = ?2 AND next_at IS NOT NULL AND created_at <= ?3");
    let last = sql("UPDATE channel SET sent_at = ?3 WHERE tenant = ?1 AND id = ?2");
    let rows = [messages, last].map(|row| row.bind(&channel.id).bind(now));
    scope.write(rows.to_vec()).await?;
    Ok(())
}

async fn failed(app: &App, scope: &TenantScope, channel: &Channel, attempts: u32, error: &str) -> Result<(), Problem> {
    tracing::warn!(
        tenant = scope.tenant(),
        channel = channel.name,
        error,
        "a delivery failed"
    );
    let pause = PAUSES.get(usize::try_from(attempts).unwrap_or(usize::MAX));
    let row = sql("UPDATE message SET attempts = ?3, next_at = ?4, error = ?5 \
         WHERE tenant = ?1 AND channel = ?2 AND next_at IS NOT NULL");
    let row = row
        .bind(&channel.id)
        .bind(attempts + 1)
        .bind(pause.map(|minutes| app.now() + minutes * 60_000))
        .bind(error);
    scope.write(vec![row]).await?;
    Ok(())
}

/// Sends a message now, to see whether it arrives.
///
/// # Errors
///
/// It does not, and why.
pub(crate) async fn try_out(app: &App, entered: &Entered, channel: &Channel) -> Result<(), Problem> {
    entered.need(Role::Owner)?;
    let message = Message {
        occasion: Occasion::Recovered,
        tenant: entered.title.clone(),
        sync: None,
        title: format!("A test of the channel {}", channel.name),
        text: format!("{} asked for it. Nothing happened.", entered.actor),
        url: app.url(&format!("/t/{}", entered.scope.tenant())),
        at: app.now(),
    };
    let delivery = Delivery {
        messages: vec![message],
        others: 0,
    };
    let sent = send(app, &entered.scope, channel, &delivery).await;
    sent.map_err(|error| Problem::conflict(format!("The message could not be sent: {error}.")))
}

async fn send(app: &App, scope: &TenantScope, channel: &Channel, delivery: &Delivery) -> Result<(), String> {
    let secret = secret(app, scope, channel).await?;
    let policy = servers::egress(app).await.map_err(|error| error.to_string())?;
    match &channel.target {
        Target::Mail { to } => match app.mail() {
            Some(mail) => mail.send(to, &delivery.title(), &delivery.text()).await,
            None => Err("the service has no mail server".to_owned()),
        },
        Target::Webhook { url } => webhook::send(&policy, url, &secret, delivery, app.now()).await,
        Target::Slack => webhook::send_to_slack(&policy, &secret, delivery).await,
    }
}

/// The channel's secret, where it was entered for the server that it is sent to now.
async fn secret(app: &App, scope: &TenantScope, channel: &Channel) -> Result<zeroize::Zeroizing<String>, String> {
    let Some(field) = channel.target.secret() else {
        return Ok(zeroize::Zeroizing::default());
    };
    let opened = app.secrets().open(scope, &channel.id).await;
    let opened = opened.map_err(|error| error.to_string())?;
    let secret = opened.into_iter().find(|secret| secret.field == field);
    let secret = secret.ok_or("its secret is not stored")?;
    let origin = channel
        .target
        .origin(&secret.value)
        .map_err(|problem| problem.message)?;
    if origin != secret.origin {
        return Err(format!("its secret was entered for {}: enter it again", secret.origin));
    }
    Ok(secret.value)
}
