//! A ledger in PostgreSQL whose database is brought back to an older state: what was exported since is found again, and
//! nothing is created twice.

use std::sync::Arc;

use tms_sync_host::model::Outcome;
use tms_sync_host::{Job, PostgresLedger};
use tms_sync_sim::generate::Plan;

use crate::postgres::own;
use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(a_recovered_backup_costs_no_second_test);

async fn a_recovered_backup_costs_no_second_test(variant: Variant) {
    let Some(server) = own("an export over a PostgreSQL server that lost acknowledged rows") else {
        return;
    };
    let address = server.database();
    let mut rig = Rig::start(variant, Plan::new(4, 1).launch(4).settled().build()).await;
    rig.ledger = Arc::new(PostgresLedger::connect(&address).await.unwrap());
    rig.export().await;
    let backup = server.back_up();
    for case in Plan::new(6, 1).build().cases.into_iter().skip(4) {
        rig.world.testops.edit(|site| site.add_case(1, case));
    }
    let second = rig.export().await;
    assert_eq!(second.cases(Outcome::Created).len(), 2, "{:?}", second.report);
    let there = (seen::tests(&rig).len(), seen::executions(&rig).len());

    server.recover(&backup);
    let tenant = rig.tenant().await;
    let early = tenant.run(Job::new(config())).finish().await;
    let early = format!("{:?}", early.result);
    assert!(early.contains("may miss the latest rows"), "{early}");
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig).len()), there);

    // Ten minutes later.
    let database = address.rsplit('/').next().unwrap();
    server.sql(
        database,
        "UPDATE tms_sync_ledger.cluster SET restored_at = restored_at - 600000",
    );
    let third = rig.export().await;
    assert_eq!(third.cases(Outcome::Created), [""; 0], "{:?}", third.report);
    assert_eq!(third.launches(Outcome::Created), [""; 0], "{:?}", third.report);
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig).len()), there);
    let idle = rig.export().await;
    assert_eq!((idle.numbers(Outcome::Unchanged), idle.writes), ((6, 1), 0));
}
