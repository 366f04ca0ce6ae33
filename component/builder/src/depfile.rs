//! Cargo's dep-info: `output: input input …`, spaces in names escaped by a backslash.

use std::path::PathBuf;

pub(crate) fn inputs(text: &str) -> Vec<PathBuf> {
    let Some((_, list)) = text.lines().find_map(|line| line.split_once(": ")) else {
        return Vec::new();
    };
    list.replace("\\ ", "\0")
        .split_whitespace()
        .map(|name| PathBuf::from(name.replace('\0', " ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::inputs;
    use std::path::PathBuf;

    #[test]
    fn names_with_spaces_stay_whole() {
        assert_eq!(
            inputs("/o/a.wasm: /s/my\\ lib.rs /s/b.rs\n"),
            [PathBuf::from("/s/my lib.rs"), "/s/b.rs".into()]
        );
    }

    #[test]
    fn a_file_without_inputs_has_none() {
        assert_eq!(inputs("/o/a.wasm:\n"), Vec::<PathBuf>::new());
    }
}
