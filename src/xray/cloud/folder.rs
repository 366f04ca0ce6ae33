//! Test Repository folders on Cloud: made where they are missing, and Tests moved by mutation.

use super::graphql::RESOLVERS;
use super::test_issues::CloudTests;
use crate::error::Result;
use crate::web::Idempotency;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Resolvers of `createFolder` with its folder.
const COST: usize = 2;

impl CloudTests<'_> {
    /// Makes the folders that Tests go to, parents first. Whether one is there already, and why one cannot be made, shows
    /// when a Test is moved into it.
    pub(super) async fn make_folders(&self, paths: BTreeSet<&str>) -> Result<()> {
        let paths = paths.into_iter().flat_map(with_parents);
        let paths = BTreeSet::from_iter(paths.filter(|path| !self.folders.borrow().contains(path)));
        let paths: Vec<String> = paths.into_iter().collect();
        for chunk in paths.chunks(RESOLVERS / COST) {
            let (mut head, mut body, mut variables) = (String::from("$project:String"), String::new(), Map::new());
            variables.insert("project".to_owned(), json!(self.site.destination().project.id));
            for (index, path) in chunk.iter().enumerate() {
                head.push_str(&format!(",$path{index}:String!"));
                body.push_str(&format!(
                    " f{index}:createFolder(projectId:$project,path:$path{index}){{warnings}}"
                ));
                variables.insert(format!("path{index}"), json!(path));
            }
            let document = format!("mutation({head}){{{body} }}");
            match self
                .site
                .graphql(&document, Value::Object(variables), Idempotency::Idempotent)
                .await
            {
                Err(error) if !error.concerns_one_item() => return Err(error),
                _ => self.folders.borrow_mut().extend(chunk.iter().cloned()),
            }
        }
        Ok(())
    }
}

/// `/A/B` is `/A` and `/A/B`.
fn with_parents(path: &str) -> Vec<String> {
    let ends = path
        .char_indices()
        .filter(|(at, c)| *c == '/' && *at > 0)
        .map(|(at, _)| at);
    ends.chain([path.len()])
        .filter_map(|end| path.get(..end))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn parents_come_before_their_folders() {
        assert_eq!(super::with_parents("/A/B/C"), ["/A", "/A/B", "/A/B/C"]);
    }
}
