//! `tms-sync projects`

use crate::answer::Answer;
use crate::render::problems::Told;
use crate::render::projects;
use crate::session::Session;

pub async fn answer(session: &Session, query: &str) -> Result<Answer, Vec<Told>> {
    let found = session.tenant.projects(query).await;
    let found = found.map_err(|error| vec![Told::from_call(&error)])?;
    Ok(Answer::new(
        0,
        projects::text(&found, query),
        "projects",
        projects::json(&found),
    ))
}
