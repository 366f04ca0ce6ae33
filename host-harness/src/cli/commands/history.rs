//! `tms-sync history`

use crate::cli::answer::Answer;
use crate::cli::render::history;
use crate::cli::render::problems::Told;
use crate::cli::session::Session;

pub async fn answer(session: &Session, limit: u32) -> Result<Answer, Vec<Told>> {
    let runs = session.ledger.runs(session.tenant.scope(), limit).await;
    let runs = runs.map_err(|error| vec![Told::new(error.to_string())])?;
    Ok(Answer::new(0, history::text(&runs), "runs", history::json(&runs)))
}
