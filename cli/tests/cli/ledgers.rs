//! A ledger in a PostgreSQL database: from a file, and back.

use serde_json::json;

use crate::postgres::shared;
use crate::rig::{Rig, Variant};
use crate::{code, err};

over_both!(a_ledger_moves_into_a_database_and_back_without_a_change);

impl Rig {
    /// Names another ledger.
    fn name_state(&self, state: &str) {
        let file = self.folder.path().join("tms-sync.toml");
        let written = std::fs::read_to_string(&file).unwrap();
        let without: Vec<&str> = written.lines().filter(|line| !line.starts_with("state =")).collect();
        let named = without
            .join("\n")
            .replace("[host]", &format!("[host]\nstate = \"{state}\""));
        std::fs::write(&file, named).unwrap();
    }

    fn expect_idle(&self) {
        let writes = self.world.tracker.writes();
        let (exit, export) = self.json(&["export"]);
        assert_eq!((exit, self.world.tracker.writes()), (0, writes), "{export:#}");
    }
}

fn a_ledger_moves_into_a_database_and_back_without_a_change(variant: Variant) {
    let Some(server) = shared("the command with a PostgreSQL ledger") else {
        return;
    };
    let (rig, database) = (Rig::start(variant, 4), server.database());
    assert_eq!(rig.json(&["export"]).0, 0);
    let links = rig.json(&["links"]);

    let (exit, copied) = rig.json(&["copy-ledger", "tms-sync.db", &database]);
    assert_eq!((exit, &copied["copied"]["runs"]), (0, &json!(1)), "{copied:#}");
    rig.name_state(&database);
    assert_eq!(rig.json(&["links"]), links);
    rig.expect_idle();
    let (exit, again) = rig.json(&["copy-ledger", "tms-sync.db", &database]);
    assert_eq!(exit, 2, "{again:#}");

    let links = rig.json(&["links"]);
    let (exit, copied) = rig.json(&["copy-ledger", &database, "back.db"]);
    assert_eq!((exit, &copied["copied"]["runs"]), (0, &json!(2)), "{copied:#}");
    rig.name_state("back.db");
    assert_eq!(rig.json(&["links"]), links);
    rig.expect_idle();
}

#[test]
fn a_password_in_the_file_is_refused() {
    let rig = Rig::start(Variant::Dc, 1);
    rig.name_state("postgres://tms:s3cret@db.example/tms");
    let validated = rig.run(&["validate"]);
    assert_eq!(code(&validated), Some(2));
    let problem = err(&validated);
    assert!(
        problem.contains("`state` has a password in it") && !problem.contains("s3cret"),
        "{problem}"
    );
}
