//! `tms-sync history`

use crate::answer::Answer;
use crate::render::history;
use crate::render::problems::Told;
use crate::session::Session;

pub async fn answer(session: &Session, limit: u32) -> Result<Answer, Vec<Told>> {
    let runs = session.ledger.runs(session.tenant.scope(), limit).await;
    let runs = runs.map_err(|error| vec![Told::new(error.to_string())])?;
    Ok(Answer::new(0, history::text(&runs), "runs", history::json(&runs)))
}
