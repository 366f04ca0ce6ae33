//! `tms-sync inspect`

use std::path::Path;

use crate::answer::{Answer, Json};
use crate::plugin;
use crate::render::manifest::{self, Manifest};
use crate::render::problems::Told;

pub async fn answer(path: Option<&Path>) -> Result<Answer, Told> {
    let plugin = plugin::load(path).await?;
    let manifest = Manifest {
        from: path.map_or_else(|| "bundled".to_owned(), |path| path.display().to_string()),
        digest: plugin.digest().to_owned(),
        bytes: plugin.size(),
        imports: plugin.imports().to_vec(),
        exports: plugin.exports().to_vec(),
        info: plugin.info().clone(),
    };
    let json = Json::Members(manifest::json(&manifest));
    Ok(Answer {
        exit_code: 0,
        text: manifest::text(&manifest),
        json,
        problems: Vec::new(),
    })
}
